// A pack's address, asked for in a dialog.

/** Resolves to the whole address of a folder, or undefined where nobody gave one. */
export async function askAddress(dialog, [title, take, cancel]) {
  const [field] = dialog.getElementsByTagName("input");
  const button = (value) => dialog.querySelector(`button[value="${value}"]`);
  dialog.querySelector("h2").textContent = title;
  button("take").textContent = take;
  button("cancel").textContent = cancel;
  dialog.showModal();
  field.focus();
  try {
    return await new Promise((resolve) => {
      const given = () => {
        const address = whole(field.value.trim());
        if (address) resolve(address);
        else field.focus();
      };
      button("take").onclick = given;
      button("cancel").onclick = () => resolve(undefined);
      dialog.oncancel = () => resolve(undefined);
      field.onkeydown = ({ key }) => key === "Enter" && given();
    });
  } finally {
    dialog.close();
  }
}

function whole(text) {
  try {
    const url = new URL(text, location.href);
    if (!text || !url.protocol.startsWith("http")) return undefined;
    return `${url.origin}${url.pathname.replace(/\/*$/, "")}/`;
  } catch {
    return undefined;
  }
}
