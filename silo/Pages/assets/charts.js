// Charts of plain SVG. What they show stands beside them as a table for whoever cannot see them.

import { el, svg, plain } from "./dom.js";

/** Horizontal bars: { label, value, part?, tone, text }. A part is the darker piece of its bar. */
export function bars(title, items) {
  const most = Math.max(0, ...items.map((i) => i.value));
  if (items.length === 0 || most === 0) return el("p", { class: "note" }, "Nothing yet.");
  return el("ul", { class: "bars", "aria-label": title }, items.map((i) => el("li", {},
    el("span", { class: "label" }, el("bdi", {}, plain(i.label))),
    svg("svg", { viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" },
      svg("rect", { x: 0, y: 0, width: 100, height: 10, class: "track" }),
      svg("rect", { x: 0, y: 0, width: width(i.value, most), height: 10, class: "bar" + (i.part === undefined ? "" : " under"), "data-tone": i.tone }),
      i.part !== undefined && svg("rect", { x: 0, y: 0, width: width(i.part, most), height: 10, class: "bar", "data-tone": i.tone })),
    el("span", { class: "value" }, i.text))));
}

const width = (value, most) => (value > 0 ? Math.max(0.8, (100 * value) / most) : 0);

/** Columns over days: { label, value, text }. */
export function columns(title, items) {
  const most = Math.max(0, ...items.map((i) => i.value));
  const step = 100 / items.length;
  const chart = svg("svg", { class: "columns-chart", viewBox: "0 0 100 40", preserveAspectRatio: "none", "aria-hidden": "true" },
    [0, 13, 26, 39].map((y) => svg("line", { x1: 0, x2: 100, y1: y + 0.5, y2: y + 0.5, class: "grid" })),
    items.map((i, n) => {
      const height = most > 0 && i.value > 0 ? Math.max(0.6, (39 * i.value) / most) : 0;
      return svg("rect", { x: n * step + step * 0.14, y: 39.5 - height, width: step * 0.72, height, class: "bar", "data-tone": "go" },
        svg("title", {}, `${i.label}: ${i.text}`));
    }));
  if (most === 0) return el("p", { class: "note" }, "Nothing was spent in these days.");
  return el("figure", {},
    el("div", { class: "chart-box" }, el("span", { class: "most" }, most > 0 ? items.find((i) => i.value === most).text.split(",")[0] : ""), chart),
    el("div", { class: "row spread axis" }, el("span", {}, items[0]?.label ?? ""), el("span", {}, items.at(-1)?.label ?? "")),
    el("details", {}, el("summary", {}, "As a table"),
      el("table", { class: "figures" }, el("caption", { class: "unseen" }, title),
        el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Day"), el("th", { scope: "col" }, "Spent"))),
        el("tbody", {}, [...items].reverse().map((i) => el("tr", {}, el("th", { scope: "row" }, i.label), el("td", {}, i.text)))))));
}
