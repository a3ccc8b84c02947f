// Before the first paint: the colours that this browser chose, if it chose any.
(() => {
  try {
    const chosen = localStorage.getItem("theme");
    if (chosen === "dark" || chosen === "light") {
      document.documentElement.dataset.theme = chosen;
    }
  } catch {
    // A browser that keeps nothing for us goes by the system's colours.
  }
})();
