// Sending one file of the upload form; no page is touched here.

/**
 * Post `file` with the other fields of `form`. Calls onProgress with 0…1.
 * Returns the server's results, [{name, ok, message, url}]; throws an Error whose message is a sentence to show.
 */
export function sendFile(form, file, onProgress) {
  const body = new FormData(form);
  body.delete("files");
  body.append("files", file, file.name);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // fetch cannot tell how much of a body has been sent
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    });
    request.addEventListener("load", () => {
      if (request.status === 200 && request.response?.results) resolve(request.response.results);
      else reject(new Error(explain(request.status)));
    });
    request.addEventListener("error", () => reject(new Error("The connection was lost. Please try this file again.")));
    request.send(body);
  });
}

function explain(status) {
  if (status === 413) return "This file is too large for the server.";
  if (status === 200 || status === 403) return "You are no longer signed in. Please open this page again.";
  return "Something went wrong on our side while this file was stored. Please try it again.";
}
