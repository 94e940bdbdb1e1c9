// What the camera sees, in a dialog, until somebody takes a picture of it.

/** Resolves to a PNG file, or undefined where nobody took one. */
export async function photograph(dialog, [title, take, cancel]) {
  const video = dialog.querySelector("video");
  const button = (value) => dialog.querySelector(`button[value="${value}"]`);
  dialog.querySelector("h2").textContent = title;
  button("take").textContent = take;
  button("cancel").textContent = cancel;
  // The one at the back of a phone, as sharp as a drawing is worth.
  const wish = { facingMode: "environment", width: { ideal: 1920 }, height: { ideal: 1440 } };
  const stream = await navigator.mediaDevices.getUserMedia({ video: wish });
  try {
    video.srcObject = stream;
    dialog.showModal();
    const taken = await new Promise((resolve) => {
      button("take").onclick = () => video.videoWidth && resolve(true);
      button("cancel").onclick = () => resolve(false);
      dialog.oncancel = () => resolve(false);
    });
    return taken ? await still(video) : undefined;
  } finally {
    stream.getTracks().forEach((track) => track.stop());
    video.srcObject = null;
    dialog.close();
  }
}

async function still(video) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  canvas.getContext("2d").drawImage(video, 0, 0);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  return new File([blob], "photo.png", { type: blob.type });
}
