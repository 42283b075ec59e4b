"use strict";
(() => {
  const LABELS = ["supported", "unsupported", "uncertain"];
  const BASES = ["the document says so", "the document says otherwise", "the document leaves it open", "the document does not say"];
  const PAGE = 50;
  const byId = (id) => document.getElementById(id);
  const rows = JSON.parse(byId("rows").textContent);
  const passages = JSON.parse(byId("passages").textContent);
  const list = byId("list");
  const template = byId("row").content.firstElementChild;
  const paper = document.querySelector(".paper");
  const text = (value) => (typeof value === "string" ? value : JSON.stringify(value));
  const number = (value) => value.toLocaleString("en");
  const fold = (value) => value.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const labelOf = (row) => (row.e === undefined ? LABELS[row.l] : "error");
  const sureness = (row) => (row.e === undefined ? row.p[row.l] : -1);
  const narrow = window.matchMedia("(max-width: 62rem)");
  let shown = rows;
  let page = 0;
  let words = [];
  let citing = null;

  // Every piece of text goes in as text, never as HTML.
  const make = (name, className, content) => {
    const element = document.createElement(name);
    if (className) element.className = className;
    if (content !== undefined) element.textContent = content;
    return element;
  };

  const link = (at, row) => {
    const anchor = make("a", "", `${passages[at].section} · ${passages[at].id}`);
    anchor.href = `#p-${at}`;
    anchor.addEventListener("click", (event) => {
      event.preventDefault();
      visit(at, row);
    });
    return anchor;
  };

  const marked = (element, content) => {
    element.textContent = "";
    const folded = fold(content);
    // Folding can change the length of a text: then its places mean nothing, and nothing is marked.
    const spans = folded.length !== content.length ? [] : words.flatMap((word) => {
      const found = [];
      for (let at = folded.indexOf(word); at >= 0; at = folded.indexOf(word, at + word.length)) found.push([at, at + word.length]);
      return found;
    });
    spans.sort((a, b) => a[0] - b[0]);
    let end = 0;
    for (const [from, to] of spans) {
      if (from < end) continue;
      element.append(content.slice(end, from), make("mark", "", content.slice(from, to)));
      end = to;
    }
    element.append(content.slice(end));
  };

  // As on the terminal, in words that never claim certainty.
  const percent = (chance) =>
    chance > 0.99 ? ">99 %" : chance < 0.01 ? "<1 %" : `${Math.round(chance * 100)} %`;

  const show = (row) => {
    const label = labelOf(row);
    const item = template.cloneNode(true);
    const part = (selector) => item.querySelector(selector);
    item.id = `s-${row.i}`;
    item.classList.add(label);
    part("use").setAttribute("href", `#sign-${label}`);
    part(".number").textContent = number(row.n);
    part(".number").href = `#${item.id}`;
    part(".number").setAttribute("aria-label", `Link to statement ${row.n}`);
    if (!row.s) part(".statement").append(make("span", "none", "no statement"));
    else marked(part(".statement"), row.s);
    if (label === "error") {
      part(".label").textContent = "not checked";
      part(".basis").textContent = row.e;
      part(".sure").remove();
    } else {
      part(".label").textContent = label;
      part(".basis").textContent = BASES[row.b];
      part(".percent").textContent = percent(sureness(row));
      const chances = LABELS.map((name, at) => `${name} ${percent(row.p[at])}`).join(", ");
      part(".sure").title = chances;
      let from = 0;
      row.p.forEach((chance, at) => {
        const bar = part(`.gauge .${LABELS[at]}`);
        bar.setAttribute("x", 100 * from);
        bar.setAttribute("width", 100 * chance);
        from += chance;
      });
      const others = row.c.slice();
      if (row.k) {
        const [best] = others.shift();
        part("blockquote").hidden = false;
        part("blockquote p").textContent = passages[best].text;
        part("blockquote footer").append(link(best, row));
      }
      part("details").hidden = false;
      part(".chances").textContent = `Probabilities: ${chances}`;
      const more = row.k ? "other passages" : "nearest passages";
      part("summary").textContent = others.length ? `Probabilities and ${more}` : "Probabilities";
      for (const [at, relevance] of others) {
        const other = make("li", "", passages[at].text);
        const where = make("span", "where");
        where.append(link(at, row), `, relevance ${percent(relevance)}`);
        other.append(" ", where);
        part(".others").append(other);
      }
    }
    const fields = Object.entries(row.f || {});
    if (fields.length) {
      const line = part(".fields");
      line.hidden = false;
      const { file, line: at, column } = row.f;
      const place = at !== undefined && column !== undefined;
      if (place) line.append(make("span", "place", `${file ? `${file}:` : ""}${at}:${column}`));
      for (const [name, value] of fields) {
        if (value === null || value === "" || (place && ["file", "line", "column"].includes(name))) continue;
        const pair = make("span");
        pair.append(make("b", "", `${name}: `), text(value));
        line.append(pair, " ");
      }
    }
    const cited = row.e === undefined ? row.c.slice(0, row.k).map(([at]) => byId(`p-${at}`)) : [];
    const see = (seen) => () => cited.forEach((element) => element.classList.toggle("seen", seen));
    item.addEventListener("pointerenter", see(true));
    item.addEventListener("pointerleave", see(false));
    item.addEventListener("focusin", see(true));
    item.addEventListener("focusout", see(false));
    return item;
  };

  const clear = (className) => document.querySelectorAll(`.${className}`).forEach((element) => element.classList.remove(className));

  const draw = (from, to) => {
    clear("seen");
    list.replaceChildren(...shown.slice(from, to).map(show));
    if (!shown.length) list.append(make("li", "empty", rows.length ? "No statement is like that." : "There are no statements."));
    const pages = Math.max(1, Math.ceil(shown.length / PAGE));
    byId("pages").hidden = pages === 1;
    byId("page").textContent = `Page ${number(page + 1)} of ${number(pages)}`;
    byId("first").disabled = byId("previous").disabled = page === 0;
    byId("next").disabled = byId("last").disabled = page === pages - 1;
  };

  const turn = (to, move = true) => {
    const pages = Math.max(1, Math.ceil(shown.length / PAGE));
    page = Math.min(Math.max(to, 0), pages - 1);
    draw(page * PAGE, (page + 1) * PAGE);
    if (move) {
      byId("statements").scrollIntoView();
      byId("statements").focus({ preventScroll: true });
    }
  };

  const haystack = (row) => {
    row.h ??= fold([
      row.s ?? "",
      row.e ?? "",
      ...Object.values(row.f || {}).map(text),
      ...(row.c || []).slice(0, row.k).map(([at]) => passages[at].id),
    ].join("\n"));
    return row.h;
  };

  const filter = () => {
    const label = document.querySelector("input[name=show]:checked").value;
    words = fold(byId("search").value).split(/\s+/).filter(Boolean);
    shown = rows.filter((row) =>
      (label === "all" || labelOf(row) === label) &&
      (citing === null || (row.c || []).slice(0, row.k).some(([at]) => at === citing)) &&
      words.every((word) => haystack(row).includes(word)));
    const order = byId("order").value;
    if (order === "sure") shown = shown.slice().sort((a, b) => sureness(b) - sureness(a));
    if (order === "unsure") shown = shown.slice().sort((a, b) => sureness(a) - sureness(b));
    byId("citing").hidden = citing === null;
    if (citing !== null) byId("citing").textContent = `citing passage ${passages[citing].id} ✕`;
    byId("citing").setAttribute("aria-label", citing === null ? "" : `Show again all statements, not only those citing passage ${passages[citing].id}`);
    const counted = `${number(rows.length)} ${rows.length === 1 ? "statement" : "statements"}`;
    byId("count").textContent = shown.length === rows.length ? counted : `${number(shown.length)} of ${counted}`;
    turn(0, false);
  };

  // From a statement to a passage, and back.
  const visit = (at, row) => {
    clear("now");
    document.querySelectorAll(".back").forEach((element) => element.remove());
    const passage = byId(`p-${at}`);
    passage.classList.add("now");
    const back = make("a", "back", `↩ statement ${number(row.n)}`);
    back.href = `#s-${row.i}`;
    back.addEventListener("click", (event) => {
      event.preventDefault();
      find(row);
    });
    passage.lastElementChild.append(back);
    if (narrow.matches) passage.scrollIntoView({ block: "center" });
    else paper.scrollTo({ top: passage.offsetTop - paper.offsetTop - paper.clientHeight / 3 });
    back.focus({ preventScroll: true });
  };

  const find = (row) => {
    let at = shown.indexOf(row);
    if (at < 0) {
      byId("show-all").checked = true;
      byId("search").value = "";
      citing = null;
      filter();
      at = shown.indexOf(row);
    }
    if (Math.floor(at / PAGE) !== page) turn(Math.floor(at / PAGE), false);
    clear("now");
    const item = byId(`s-${row.i}`);
    item.classList.add("now");
    item.scrollIntoView({ block: "center" });
    (item.querySelector("blockquote a") || item.querySelector(".number")).focus({ preventScroll: true });
  };

  const cite = (at) => {
    citing = at;
    filter();
    byId("statements").scrollIntoView();
    byId("statements").focus({ preventScroll: true });
  };

  rows.forEach((row, at) => { row.i = at + 1; });
  document.querySelectorAll(".passage:not(.uncited) .tally").forEach((tally) => {
    const button = make("button");
    button.type = "button";
    button.title = "Show the statements that cite this passage";
    button.append(...tally.childNodes);
    button.addEventListener("click", () => cite(Number(tally.dataset.passage)));
    tally.append(button);
  });
  let waiting;
  byId("search").addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, 120);
  });
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("filters").addEventListener("change", (event) => { if (event.target.id !== "search") filter(); });
  byId("citing").addEventListener("click", () => { citing = null; filter(); byId("search").focus(); });
  byId("first").addEventListener("click", () => turn(0));
  byId("previous").addEventListener("click", () => turn(page - 1));
  byId("next").addEventListener("click", () => turn(page + 1));
  byId("last").addEventListener("click", () => turn(Infinity));

  const theme = byId("theme");
  const dark = () => (document.documentElement.dataset.theme ?? (window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const named = () => { theme.textContent = dark() ? "Light page" : "Dark page"; };
  theme.addEventListener("click", () => { document.documentElement.dataset.theme = dark() ? "light" : "dark"; named(); });

  // On paper every statement that the filter lets through is there.
  window.addEventListener("beforeprint", () => draw(0, shown.length));
  window.addEventListener("afterprint", () => turn(page, false));

  const arrive = () => {
    const row = rows[Number(/^#s-(\d+)$/.exec(location.hash)?.[1]) - 1];
    if (row) find(row);
  };
  window.addEventListener("hashchange", arrive);
  document.querySelectorAll(".tools, #theme").forEach((element) => { element.hidden = false; });
  named();
  filter();
  arrive();
})();
