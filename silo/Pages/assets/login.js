// Shows a token to the server, which answers with a cookie.

const form = document.getElementById("form");
const field = document.getElementById("token");
const problem = document.getElementById("problem");

// Only ever a page of this server.
function target() {
  const to = new URLSearchParams(location.search).get("to") ?? "/";
  const url = new URL(to, location.origin);
  return url.origin === location.origin && to.startsWith("/") ? url.pathname + url.search : "/";
}

// A link from elsewhere comes without the cookie, but from here the browser sends it.
const known = await fetch("/v1/status", { cache: "no-store" }).catch(() => null);
if (known?.ok) location.replace(target());
else field.focus();

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  problem.textContent = "";
  const response = await fetch("/login", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Orchestrator-Page": "1" },
    body: JSON.stringify({ token: field.value.trim() }),
  }).catch(() => null);
  if (response?.ok) {
    location.replace(target());
    return;
  }
  const told = await response?.json().catch(() => null);
  problem.textContent = told?.detail ?? "The server was not reached.";
  field.select();
});
