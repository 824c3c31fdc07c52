"use strict";
// Sorts by a click on a heading and filters by words: nothing is loaded, nothing is sent.
for (const table of document.querySelectorAll("table[data-decimal]")) {
  const body = table.tBodies[0], isSum = row => row.className === "sum";
  const rows = [...body.rows].filter(row => !isSum(row)), sums = [...body.rows].filter(isSum), heads = [...table.tHead.rows[0].cells];
  const order = {"dmy": [2, 1, 0], "mdy": [2, 0, 1]}[table.dataset.dates];
  const compare = new Intl.Collator(document.documentElement.lang, {numeric: true, sensitivity: "base"}).compare;
  // A number of any size: its digits before and behind the point, as one whole number of a fixed scale.
  const number = text => {
    const plain = text.replace(/[^0-9.-]/g, ""), [whole, rest = ""] = plain.replace("-", "").split(".");
    const scaled = BigInt(whole + rest.padEnd(40, "0").slice(0, 40));
    return plain.startsWith("-") ? -scaled : scaled;
  };
  const written = text => table.dataset.decimal === "," ? text.replace(/\./g, "").replace(",", ".") : text.replace(/,/g, "");
  const day = text => {
    const parts = text.split(/[-/]/);
    return order && parts.length === 3 ? order.map(at => parts[at]).join("-") : text;
  };
  const keys = {n: text => number(written(text)), d: day, t: text => text};
  // What a cell stands for: its exact value where it carries one, else what it shows.
  const key = (cell, kind) => {
    const {v} = cell.dataset;
    if (v === undefined) return cell.textContent && keys[kind](cell.textContent);
    return kind === "n" ? number(v) : v;
  };
  heads.forEach((head, at) => {
    const button = document.createElement("button"), isMoney = head.dataset.kind === "m", kind = isMoney ? "n" : head.dataset.kind;
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const isDown = head.getAttribute("aria-sort") === "ascending";
      heads.forEach(other => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", isDown ? "descending" : "ascending");
      // Amounts of several currencies stay apart: each currency by itself.
      // Subtotals belong to the order of the file, and go.
      const held = rows.map(row => [key(row.cells[at], kind), isMoney && row.dataset.currency || "", row]);
      held.sort(([a, currency], [b, other]) => {
        if (currency !== other) return currency < other ? -1 : 1;
        if (a === "" || b === "") return (a === "") - (b === "");  // empty ones are always last
        const sign = typeof a === "bigint" ? (a > b) - (a < b) : compare(a, b);
        return isDown ? -sign : sign;
      });
      body.replaceChildren();  // all rows at once: taking them out one by one is slow
      body.append(...held.map(([, , row]) => row));
    });
  });
  const tools = document.createElement("p"), input = document.createElement("input"), output = document.createElement("output");
  const fold = text => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const texts = new Map();
  input.type = "search";
  input.placeholder = "Filter";
  const title = table.closest("section")?.querySelector("h2")?.textContent;
  input.setAttribute("aria-label", title ? `Filter the rows of ${title}` : "Filter the rows of this table");
  input.addEventListener("input", () => {
    const words = fold(input.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of sums) row.hidden = words.length > 0;
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
