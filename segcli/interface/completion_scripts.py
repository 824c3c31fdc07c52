"""Completion scripts for bash, zsh and fish; each calls `segcli __complete` or `segcli __complete_line`."""

BASH = """_segcli() {
  local offer text
  COMPREPLY=()
  while IFS=$'\\t' read -r offer text; do
    if [[ $offer == %files ]]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r offer; do COMPREPLY+=("$offer"); done < <(compgen -f -- "$text")
      return
    fi
    COMPREPLY+=("$offer")
  done < <(segcli __complete_line "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
  [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[=:,] ]] && compopt -o nospace 2>/dev/null
}
complete -F _segcli segcli
"""
ZSH = """#compdef segcli
_segcli() {
  local -a offers begun
  local line word
  while IFS= read -r line; do
    [[ $line == %files* ]] && { _files; return; }
    word=${line%%$'\\t'*}
    word=${${word//\\\\/\\\\\\\\}//:/\\\\:}:${line#*$'\\t'}
    if [[ ${line%%$'\\t'*} == *[=:] ]]; then begun+=("$word"); else offers+=("$word"); fi
  done < <(segcli __complete "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)
  local -a any=(-M 'm:{[:lower:][:upper:]}={[:upper:][:lower:]}')
  _describe -V segcli begun $any -S ''
  _describe -V segcli offers $any
}
compdef _segcli segcli
"""
FISH = """function __segcli
  set -l words (commandline -opc)
  set -l current (commandline -ct)
  if string match -qr '^["\\']' -- $current
    set current (string sub -s 2 -- $current)
  else
    set current (string unescape -- $current; or echo $current)
  end
  segcli __complete $words[2..-1] "$current" 2>/dev/null | while read -l line
    if string match -q '%files*' -- $line
      __fish_complete_path "$current"
    else
      echo $line
    end
  end
end
complete -c segcli -f -a '(__segcli)'
"""
SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH}
