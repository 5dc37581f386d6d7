// The box one writes in: Enter sends, Shift+Enter breaks the line, and the count shows when the end is near.

const NEAR = 500; // characters before the limit

export class Composer {
  constructor(form, count, { max, send }) {
    this.form = form;
    this.text = form.elements.text;
    this.button = form.querySelector(".send");
    this.count = count;
    this.max = max;
    this.busy = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send(send);
    });
    this.text.addEventListener("keydown", (event) => {
      // an input method uses Enter to choose a word
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#send(send);
    });
    this.text.addEventListener("input", () => this.#measure());
    this.#measure();
  }

  set waiting(busy) {
    this.busy = busy;
    this.button.setAttribute("aria-disabled", String(busy));
  }

  get length() {
    return [...this.text.value].length; // the server counts characters, not halves of them
  }

  focus() {
    this.text.focus({ preventScroll: true });
  }

  clear() {
    this.text.value = "";
    this.#measure();
  }

  restore(text) {
    if (!this.text.value) this.text.value = text;
    this.#measure();
  }

  #send(send) {
    const text = this.text.value.trim();
    if (!text || this.busy || this.length > this.max) return;
    send(text);
  }

  #measure() {
    const left = this.max - this.length;
    this.count.textContent =
      left > NEAR ? "" : left >= 0 ? `${left.toLocaleString("en")} characters left` : `${(-left).toLocaleString("en")} characters too many`;
    this.count.classList.toggle("over", left < 0);
    if (!CSS.supports("field-sizing", "content")) {
      this.text.style.height = "auto";
      this.text.style.height = `${this.text.scrollHeight}px`;
    }
  }
}
