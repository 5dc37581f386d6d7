// Uploads: dropping files on the form, and sending them one by one so that each shows its own progress and result.
// Without this script the same form sends all files at once and the page shows the results.

import { sendFile } from "./transport.js";

const form = document.querySelector("[data-upload]");
if (form) enhance(form);

function enhance(form) {
  const input = form.querySelector("input[type=file]");
  const drop = form.querySelector("[data-drop]");
  const chosen = form.querySelector("[data-chosen]");
  const button = form.querySelector("button");

  input.addEventListener("change", () => { chosen.textContent = describe(input.files); });

  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    const files = [...event.dataTransfer.files];
    if (!files.length) return;
    const dropped = new DataTransfer();
    for (const file of input.multiple ? files : files.slice(0, 1)) dropped.items.add(file);
    input.files = dropped.files;
    input.dispatchEvent(new Event("change"));
  });
  // a file that misses the field must not replace the page
  for (const name of ["dragover", "drop"]) window.addEventListener(name, (event) => event.preventDefault());

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const files = [...input.files];
    if (!files.length) return;
    button.disabled = true;
    const list = form.querySelector("[data-results]");
    list.replaceChildren();
    const lines = files.map((file) => line(list, file.name));
    for (const [index, file] of files.entries()) await send(form, file, lines[index]);
    button.disabled = false;
    form.reset();
    chosen.textContent = "";
    document.body.dispatchEvent(new CustomEvent("documents-changed"));
  });
}

async function send(form, file, line) {
  line.say("Sending…", "");
  try {
    const results = await sendFile(form, file, (share) => line.progress(share));
    for (const result of results) line.say(result.message, result.ok ? "good" : "bad", result.url);
  } catch (error) {
    line.say(error.message, "bad");
  }
}

/** A line in the list of results, written with textContent: file names are anybody's words. */
function line(list, name) {
  const item = list.appendChild(document.createElement("li"));
  item.appendChild(document.createElement("strong")).textContent = name;
  const words = item.appendChild(document.createElement("span"));
  const bar = document.createElement("progress");
  bar.max = 1;
  bar.setAttribute("aria-label", name);
  words.textContent = "Waiting…";
  return {
    progress(share) {
      if (!bar.isConnected) item.append(bar);
      bar.value = share;
    },
    say(text, tone, url) {
      bar.remove();
      item.className = tone;
      words.textContent = text;
      if (url) {
        const link = item.appendChild(document.createElement("a"));
        link.href = url;
        link.textContent = "Open";
      }
    },
  };
}

function describe(files) {
  if (!files.length) return "";
  const size = [...files].reduce((sum, file) => sum + file.size, 0);
  const words = size < 999_500 ? `${Math.max(1, Math.round(size / 1000))} kB` : `${(size / 1e6).toFixed(1)} MB`;
  return files.length === 1 ? `${files[0].name}, ${words}` : `${files.length} files, ${words}`;
}
