"use strict";
// Sorts by a click on a heading and filters by words: nothing is loaded, nothing is sent.
for (const table of document.querySelectorAll("table[data-decimal]")) {
  const body = table.tBodies[0], rows = [...body.rows], heads = [...table.tHead.rows[0].cells];
  const order = {"dmy": [2, 1, 0], "mdy": [2, 0, 1]}[table.dataset.dates];
  const compare = new Intl.Collator(document.documentElement.lang, {numeric: true, sensitivity: "base"}).compare;
  const number = text => {
    const plain = text.replace(/[^0-9.,-]/g, "");
    return Number(table.dataset.decimal === "," ? plain.replace(/\./g, "").replace(",", ".") : plain.replace(/,/g, ""));
  };
  const day = text => {
    const parts = text.split(/[-/]/);
    return order && parts.length === 3 ? order.map(at => parts[at]).join("-") : text;
  };
  const keys = {n: number, d: day, t: text => text};
  heads.forEach((head, at) => {
    const button = document.createElement("button"), make = keys[head.dataset.kind];
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const isDown = head.getAttribute("aria-sort") === "ascending";
      heads.forEach(other => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", isDown ? "descending" : "ascending");
      const held = [...body.rows].map(row => [row.cells[at].textContent, row]).map(([text, row]) => [text && make(text), row]);
      held.sort(([a], [b]) => {
        if (a === "" || b === "") return (a === "") - (b === "");  // empty ones are always last
        const sign = typeof a === "number" ? a - b : compare(a, b);
        return isDown ? -sign : sign;
      });
      body.append(...held.map(([, row]) => row));
    });
  });
  const tools = document.createElement("p"), input = document.createElement("input"), output = document.createElement("output");
  const fold = text => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const texts = new Map();
  input.type = "search";
  input.placeholder = "Filter";
  input.setAttribute("aria-label", "Filter the rows of this table");
  input.addEventListener("input", () => {
    const words = fold(input.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      if (!texts.has(row)) texts.set(row, fold([...row.cells].map(cell => cell.textContent).join(" ")));
      row.hidden = !words.every(word => texts.get(row).includes(word));
      shown += !row.hidden;
    }
    const totals = table.tFoot ? "; totals are those of all rows" : "";
    output.textContent = words.length ? `${shown} of ${rows.length} rows${totals}` : "";
  });
  tools.className = "tools";
  tools.append(input, output);
  table.parentElement.before(tools);
}
