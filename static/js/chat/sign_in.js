// Signing in without leaving the chat: address, then the code that was sent to it.

export class SignIn {
  /** conversation: see conversation.js; done: called with {email, until} once signed in. */
  constructor(dialog, conversation, done) {
    this.dialog = dialog;
    this.conversation = conversation;
    this.done = done;
    this.email = dialog.querySelector('[data-step="email"]');
    this.code = dialog.querySelector('[data-step="code"]');
    this.problem = dialog.querySelector("[data-problem]");
    this.email.addEventListener("submit", (event) => this.#run(event, () => this.#ask()));
    this.code.addEventListener("submit", (event) => this.#run(event, () => this.#prove()));
    dialog.querySelector("[data-back]").addEventListener("click", () => this.#show("email"));
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close(); // a click beside it
    });
  }

  open() {
    this.#show("email");
    this.dialog.showModal();
    this.email.elements.email.focus();
  }

  async #ask() {
    await this.conversation.begin();
    const answer = await this.conversation.identify({ email: this.#address(), order_number: this.email.elements.order_number.value.trim() });
    this.code.querySelector("[data-sent]").textContent = answer.message;
    const demo = this.code.querySelector("[data-demo]");
    if (demo) {
      demo.hidden = !answer.demo_code;
      demo.querySelector("[data-demo-code]").textContent = answer.demo_code ?? "";
    }
    this.code.elements.code.value = "";
    this.#show("code");
    this.code.elements.code.focus();
  }

  async #prove() {
    const answer = await this.conversation.identify({ email: this.#address(), code: this.code.elements.code.value.trim() });
    this.dialog.close();
    this.done(answer.signed_in);
  }

  #address() {
    return this.email.elements.email.value.trim();
  }

  #show(step) {
    this.email.hidden = step !== "email";
    this.code.hidden = step !== "code";
    this.problem.hidden = true;
  }

  async #run(event, work) {
    event.preventDefault();
    const button = event.target.querySelector(".button");
    if (button.disabled) return;
    button.disabled = true;
    this.problem.hidden = true;
    try {
      await work();
    } catch (error) {
      this.problem.textContent = error instanceof TypeError ? "The connection dropped. Please try again." : error.message;
      this.problem.hidden = false;
    } finally {
      button.disabled = false;
    }
  }
}
