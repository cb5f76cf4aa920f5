"use strict";

const find = document.getElementById("find");
const cards = [...document.querySelectorAll(".card")].map((card) => ({ card, text: card.textContent.toLowerCase() }));
const sections = [...document.querySelectorAll(".section")];
const links = new Map([...document.querySelectorAll("aside nav a")].map((link) => [link.hash.slice(1), link]));

/** Show only the events that contain every word. */
function narrow() {
  const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const { card, text } of cards) {
    card.hidden = !words.every((word) => text.includes(word));
    links.get(card.id).hidden = card.hidden;
    shown += card.hidden ? 0 : 1;
  }
  for (const section of sections) {
    section.hidden = !section.querySelector(".card:not([hidden])");
    links.get(section.id).hidden = section.hidden;
  }
  document.getElementById("none").hidden = shown > 0;
}

/** Open what the address points at. */
function openTarget() {
  const card = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (card && card.classList.contains("card")) {
    card.querySelector("details.fields").open = true;
  }
}

find.addEventListener("input", narrow);
window.addEventListener("hashchange", openTarget);
openTarget();
