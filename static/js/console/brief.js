// Forms whose address is passed on: what was left empty stays out of it. Without this script the address is only longer.

for (const form of document.querySelectorAll("form[data-brief]")) {
  form.addEventListener("formdata", ({ formData }) => {
    for (const [name, value] of [...formData]) if (value === "") formData.delete(name);
  });
}
