// Loaded before the input is there, so that Enter sends from the first moment on: until the other
// scripts are there, as a plain form.
document.addEventListener("keydown", (event) => {
  const { target, key, shiftKey, isComposing } = event;
  if (target.id === "text" && key === "Enter" && !shiftKey && !isComposing) {
    event.preventDefault();
    target.form.requestSubmit();
  }
});
