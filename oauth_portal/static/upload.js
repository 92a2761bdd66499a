// Keeps the chosen file while it is looked at, and proposes the browser's time zone.
// Every step works without this: then the file is chosen once more.
"use strict";

const FORMER_ZONES = {
  "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
  "America/Indianapolis": "America/Indiana/Indianapolis",
  "Asia/Calcutta": "Asia/Kolkata",
  "Asia/Katmandu": "Asia/Kathmandu",
  "Asia/Rangoon": "Asia/Yangon",
  "Asia/Saigon": "Asia/Ho_Chi_Minh",
  "Europe/Kiev": "Europe/Kyiv",
};

function proposeZone() {
  const select = document.querySelector("select[name=zone]");
  if (!select || select.value) return;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const known = FORMER_ZONES[zone] || zone;
  if ([...select.options].some((one) => one.value === known)) select.value = known;
}

function keepFile(input) {
  const field = document.querySelector("[data-file]");
  if (!field) return;
  const asked = field.querySelector("input[type=file]");
  if (field.closest("form").hasAttribute("data-check")) {
    asked.replaceWith(input);
    return;
  }
  // The file is there already: nobody need choose it again.
  input.hidden = true;
  field.replaceWith(input);
}

function show(page, input) {
  const main = document.querySelector("main");
  document.title = page.title;
  main.replaceChildren(...page.querySelector("main").childNodes);
  keepFile(input);
  proposeZone();
  main.focus();
  window.scrollTo(0, 0);
}

// The server does not read on and on: of a far too large file the browser would show an error of its own.
function judgeSize(event) {
  const input = event.target;
  if (!input.matches("input[data-most]")) return;
  const file = input.files[0];
  const isTooLarge = file && file.size > Number(input.dataset.most);
  input.setCustomValidity(isTooLarge ? input.dataset.tooLarge : "");
  input.reportValidity();
}

async function check(event) {
  const form = event.target;
  if (!form.matches("form[data-check]")) return;
  const input = form.querySelector("input[type=file]");
  const button = form.querySelector("[data-busy]");
  event.preventDefault();
  const label = button.textContent;
  button.disabled = true;
  button.textContent = button.dataset.busy;
  try {
    const body = new FormData(form);
    const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "text/html" } });
    show(new DOMParser().parseFromString(await answer.text(), "text/html"), input);
  } catch {
    button.disabled = false;
    button.textContent = label;
    form.submit();
  }
}

document.addEventListener("change", judgeSize);
document.addEventListener("submit", check);
proposeZone();
