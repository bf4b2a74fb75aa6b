"use strict";
// Sliders and numbers go to the server, which knows scales and bounds; what it answers is shown.
(() => {
  const panel = document.querySelector(".panel[data-variant]");
  const live = document.querySelector(".live");
  const readout = document.querySelector(".readout");
  const alert = document.querySelector(".alert");
  const here = document.querySelector(".here");
  const PAUSE = 150; // milliseconds of rest before the precise state is asked for
  const LONG = 400; // milliseconds after which what is shown is faded, as it is no longer true
  let busy = false;
  let waiting = null;
  let rest = 0;

  const fade = (on) => {
    for (const part of [live, readout, here]) part.classList.toggle("stale", on);
  };
  const form = () => panel.querySelector(`.controls[data-variant="${panel.dataset.variant}"]`);
  const part = (slider, name) => slider.querySelector(`.${name}`);

  // What has been moved and not been accepted yet; everything else is as its text says.
  const moved = new Map();

  function asked(more) {
    const controls = {};
    for (const slider of form().querySelectorAll(".slider")) {
      const name = slider.dataset.name;
      controls[name] = moved.get(name) ?? { text: part(slider, "value").dataset.used };
    }
    return { variant: Number(panel.dataset.variant), controls, ...more };
  }

  async function send(build) {
    clearTimeout(rest);
    if (busy) {
      waiting = build;
      return;
    }
    busy = true;
    live.setAttribute("aria-busy", "true");
    const slow = setTimeout(() => fade(true), LONG);
    const request = build();
    const sent = new Map(moved);
    let answer;
    try {
      const response = await fetch("state", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(request),
      });
      answer = response.ok ? await response.json() : { error: await response.text() };
    } catch {
      answer = { error: "The server does not answer; jaxent explore starts it again." };
    }
    if (!answer.error) for (const [name, value] of sent) if (moved.get(name) === value) moved.delete(name);
    busy = false;
    clearTimeout(slow);
    show(answer);
    const next = waiting;
    waiting = null;
    if (next) send(next);
    else if (answer.precise === false) rest = setTimeout(() => send(() => asked({ precise: true })), PAUSE);
    else live.setAttribute("aria-busy", "false");
  }

  function show(answer) {
    alert.hidden = !answer.error;
    alert.textContent = answer.error ?? "";
    fade(Boolean(answer.error));
    if (answer.error) return;
    choose(answer.variant);
    for (const slider of form().querySelectorAll(".slider")) {
      const { place, text } = answer.controls[slider.dataset.name];
      if (moved.has(slider.dataset.name)) continue;
      const [value, range] = [part(slider, "value"), part(slider, "place")];
      value.value = value.dataset.used = text;
      // One that is being dragged stays where the hand has it.
      if (!range.matches(":active")) range.value = place;
      range.setAttribute("aria-valuetext", text);
    }
    const open = live.querySelector("details")?.open;
    live.innerHTML = answer.html;
    const details = live.querySelector("details");
    if (details) details.open = Boolean(open);
    readout.textContent = answer.words;
    here.classList.toggle("placed", Boolean(answer.position));
    if (answer.position) {
      here.setAttribute("transform", `translate(${answer.position.x} ${answer.position.y})`);
      here.classList.toggle("outside", !answer.position.inside);
    }
  }

  function choose(variant) {
    panel.dataset.variant = variant;
    for (const one of panel.querySelectorAll(".controls")) one.hidden = Number(one.dataset.variant) !== variant;
    for (const radio of panel.querySelectorAll("[name=variant]")) radio.checked = Number(radio.value) === variant;
  }

  for (const value of panel.querySelectorAll(".value")) value.dataset.used = value.value;
  panel.addEventListener("input", (event) => {
    const slider = event.target.closest(".slider");
    if (!slider || !event.target.matches(".place")) return;
    moved.set(slider.dataset.name, { place: event.target.valueAsNumber });
    send(() => asked());
  });
  panel.addEventListener("change", (event) => {
    if (event.target.matches("[name=variant]")) {
      moved.clear();
      choose(Number(event.target.value));
      send(() => asked());
    }
    if (event.target.matches(".value")) {
      moved.set(event.target.closest(".slider").dataset.name, { text: event.target.value });
      send(() => asked());
    }
  });
  panel.addEventListener("submit", (event) => event.preventDefault());
  document.querySelector("figure").addEventListener("click", (event) => {
    const mark = event.target.closest(".mark");
    if (!mark) return;
    event.preventDefault();
    moved.clear();
    send(() => ({ point: Number(mark.dataset.point) }));
  });
  document.documentElement.classList.add("live-page");
  send(() => asked());
})();
