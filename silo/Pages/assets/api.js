// Asks the server. The cookie goes along by itself; the header says that a page of this server asks, which no form can say.

/** A refusal in the server's words. */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem?.detail || problem?.title || `The server answered ${status}.`);
    this.status = status;
    this.code = problem?.code ?? "";
  }
}

/** Sends whoever is not let in (any more) to the door. */
export function toLogin() {
  location.assign("/login?to=" + encodeURIComponent(location.pathname + location.search));
}

async function ask(method, path, body, headers = {}) {
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: { "X-Orchestrator-Page": "1", ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
    });
  } catch {
    throw new Refused(0, { detail: "The server was not reached." });
  }
  if (response.ok) return response;
  if (response.status === 401) toLogin();
  throw new Refused(response.status, await response.json().catch(() => null));
}

export const getJson = async (path) => (await ask("GET", path)).json();
export const getText = async (path) => (await ask("GET", path)).text();
export const send = async (method, path, body, headers) => {
  const response = await ask(method, path, body, headers);
  return response.status === 204 ? null : response.json().catch(() => null);
};

/** A query string of what is not empty. */
export function query(values) {
  const parts = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value !== "" && value != null) parts.set(name, value);
  const text = parts.toString();
  return text ? "?" + text : "";
}

const RETRY_FIRST = 1000;
const RETRY_LAST = 15000;

/**
 * Follows a stream of facts, however often it is cut. The browser connects again by itself and says what it saw last; where
 * it gives up (the server answered with an error), this does. A page that nobody sees holds no connection.
 */
export class Stream {
  constructor(path, after, onEntry, onState, asked = {}) {
    Object.assign(this, { path, asked, last: String(after), onEntry, onState, wait: RETRY_FIRST, ended: false });
    this.seen = () => (document.hidden ? this.drop() : this.open());
    document.addEventListener("visibilitychange", this.seen);
    window.addEventListener("online", this.seen);
    window.addEventListener("pagehide", () => this.end(), { once: true });
    this.open();
  }

  open() {
    if (this.ended || document.hidden) return;
    this.drop();
    const source = new EventSource(this.path + query({ ...this.asked, after: this.last }));
    this.source = source;
    source.onopen = () => {
      this.wait = RETRY_FIRST;
      this.onState("live");
    };
    source.onmessage = (event) => {
      if (source !== this.source) return;
      this.last = event.lastEventId || this.last;
      this.onEntry(JSON.parse(event.data));
    };
    source.onerror = () => {
      if (source !== this.source) return;
      this.onState("cut");
      if (source.readyState === EventSource.CLOSED) this.later();
    };
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(async () => {
      // A session that ended would be refused for ever: this call tells, and goes to the door.
      await getJson("/v1/status").catch(() => null);
      this.open();
    }, this.wait);
    this.wait = Math.min(this.wait * 2, RETRY_LAST);
  }

  drop() {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
  }

  end() {
    this.ended = true;
    this.drop();
    document.removeEventListener("visibilitychange", this.seen);
    window.removeEventListener("online", this.seen);
  }
}

/** Calls at most once in so many milliseconds: at once when it was quiet, and never forgets the last wish. */
export function calm(pause, call) {
  let timer = null;
  let again = false;
  const run = async () => {
    again = false;
    timer = setTimeout(() => {
      timer = null;
      if (again) run();
    }, pause);
    try {
      await call();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
    }
  };
  return () => {
    if (timer) again = true;
    else run();
  };
}
