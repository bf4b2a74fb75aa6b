"use strict";
// One point of the curve is chosen at a time: by pointing, by the keyboard, or by a link.
(() => {
  const svg = document.querySelector("svg.curve");
  const cards = [...document.querySelectorAll(".cards .card")];
  if (!svg || !cards.length) return;
  document.documentElement.classList.add("live");

  const REACH = 26; // how near the pointer must come, in units of the drawing
  const marks = [...svg.querySelectorAll(".mark")];
  const links = [...svg.querySelectorAll("a.mark")];
  const guides = [...svg.querySelectorAll(".guide")];
  const readout = document.querySelector(".readout");
  let chosen = null;
  let pinned = false;

  const number = (element) => element.dataset.point;
  const linkOf = (point) => links.find((link) => number(link) === point);
  const cardOf = (point) => document.getElementById(`point-${point}`);

  function choose(point) {
    if (!cardOf(point)) return;
    chosen = point;
    for (const card of cards) card.classList.toggle("chosen", card.id === `point-${point}`);
    for (const mark of marks) mark.classList.toggle("chosen", number(mark) === point);
    const link = linkOf(point);
    for (const other of links) other.setAttribute("tabindex", other === (link ?? links[0]) ? "0" : "-1");
    for (const guide of guides) {
      guide.setAttribute("x1", link ? link.dataset.x : -10);
      guide.setAttribute("x2", link ? link.dataset.x : -10);
    }
    readout.textContent = cardOf(point).dataset.name;
  }

  function pin(wanted) {
    pinned = wanted;
    for (const mark of marks) mark.classList.toggle("pinned", pinned && number(mark) === chosen);
  }

  function nearest(event) {
    const place = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    let best = null;
    let least = REACH;
    for (const mark of marks) {
      const distance = Math.hypot(mark.dataset.x - place.x, mark.dataset.y - place.y);
      if (distance < least) [best, least] = [mark, distance];
    }
    return best;
  }

  function neighbour(link, key) {
    const own = links.filter((other) => other.dataset.variant === link.dataset.variant);
    const at = own.indexOf(link);
    if (key === "ArrowRight") return own[at + 1];
    if (key === "ArrowLeft") return own[at - 1];
    if (key === "Home") return own[0];
    if (key === "End") return own[own.length - 1];
    const variants = [...new Set(links.map((other) => other.dataset.variant))];
    const step = { ArrowUp: -1, ArrowDown: 1 }[key];
    const next = variants[variants.indexOf(link.dataset.variant) + step];
    const away = (other) => Math.abs(other.dataset.x - link.dataset.x);
    return links
      .filter((other) => other.dataset.variant === next)
      .sort((one, other) => away(one) - away(other))[0];
  }

  svg.addEventListener("pointermove", (event) => {
    const mark = pinned ? null : nearest(event);
    if (mark && number(mark) !== chosen) choose(number(mark));
  });
  svg.addEventListener("click", (event) => {
    event.preventDefault();
    // Enter on a link is a click without a place.
    const mark = event.detail === 0 ? event.target.closest(".mark") : nearest(event);
    if (!mark) return pin(false);
    choose(number(mark));
    pin(true);
    cardOf(chosen).scrollIntoView({ block: "nearest" });
  });
  // On the figure: an SVG element that listens to this can be reached by Tab itself.
  svg.parentElement.addEventListener("focusin", (event) => {
    const mark = event.target.closest("a.mark");
    if (!mark || !mark.matches(":focus-visible")) return;
    choose(number(mark));
    pin(false);
  });
  svg.addEventListener("keydown", (event) => {
    const link = event.target.closest("a.mark");
    const keys = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"];
    if (!link || !keys.includes(event.key)) return;
    event.preventDefault();
    const next = neighbour(link, event.key);
    if (!next) return;
    next.setAttribute("tabindex", "0");
    next.focus();
    choose(number(next));
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") pin(false);
  });

  function follow() {
    const wanted = /^#point-(\d+)$/.exec(location.hash);
    if (!wanted || !cardOf(wanted[1])) return false;
    choose(wanted[1]);
    pin(true);
    cardOf(wanted[1]).scrollIntoView({ block: "nearest" });
    return true;
  }
  addEventListener("hashchange", follow);
  if (!follow()) choose(number(links[0] ?? { dataset: { point: "1" } }));
})();
