// The page of a review without reloading: links and forms of the page are fetched and the page's middle replaced.
// Everything works without this file, by the same links and forms.
(() => {
  const find = (selector) => document.querySelector(selector);
  const KEYS = "review-keys";
  let timer = 0;

  function show(html, url, push) {
    const next = new DOMParser().parseFromString(html, "text/html");
    const fresh = next.getElementById("review");
    if (!fresh) { window.location.assign(url); return; }
    const zoomed = find("#rv-zoom")?.checked;
    find("#review").replaceWith(fresh);
    document.title = next.title;
    if (push && url !== window.location.href) history.pushState(null, "", url);
    if (zoomed && find("#rv-zoom")) find("#rv-zoom").checked = true;
    ready(true);
  }

  async function open(url, options = {}, push = true) {
    find("#review").setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(url, { credentials: "same-origin", ...options });
      if (!answer.ok) throw new Error(String(answer.status));
      // A refused form is answered at its own address, which cannot be opened again: it stays out of the bar.
      const own = options.method === "POST" && !answer.redirected;
      show(await answer.text(), own ? window.location.href : answer.url, push);
    } catch {
      if (options.method === "POST") return window.location.reload();
      window.location.assign(url);
    }
  }

  // Its buttons are named "action", which hides the property of that name.
  function send(form, button) {
    const data = new FormData(form);
    if (button) data.set(button.name, button.value);
    return open(form.getAttribute("action"), { method: "POST", body: data });
  }

  function inView() {
    // Whoever opens the document sees its head first; whoever asked for a fact sees the fact.
    if (/[?&](finding|path)=/.test(window.location.search)) find(".rv-current")?.scrollIntoView({ block: "nearest" });
    const box = find(".rv-selected"), sheet = find(".rv-sheet");
    if (!box || !sheet) return;
    const inner = box.getBoundingClientRect(), outer = sheet.getBoundingClientRect();
    sheet.scrollTop += inner.top - outer.top - outer.height / 3;
    sheet.scrollLeft += inner.left - outer.left - outer.width / 4;
  }

  function ready(focus) {
    inView();
    const keys = find("#rv-keys");
    if (keys) keys.checked = localStorage.getItem(KEYS) !== "off";
    if (focus) (find("[aria-invalid]") || find(".rv-current .rv-open"))?.focus({ preventScroll: true });
    clearTimeout(timer);
    const wait = Number(find("#review")?.dataset.wait);
    if (wait) timer = setTimeout(() => open(window.location.href, {}, false), wait * 1000);
    else follow();
  }

  // The synthesis is made again after each decision: its totals are asked for until it is.
  function follow() {
    const part = find("#rv-summary");
    if (!part || !["pending", "processing"].includes(part.dataset.status)) return;
    timer = setTimeout(async () => {
      try {
        const answer = await fetch(part.dataset.summary, { credentials: "same-origin" });
        if (!answer.ok || answer.redirected) return;
        const next = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("rv-summary");
        if (next && part.isConnected) part.replaceWith(next);
      } catch { /* asked again below */ }
      follow();
    }, 1500);
  }

  function step(way) {
    const links = [...document.querySelectorAll(".rv-row .rv-open[href]")];
    const here = links.findIndex((link) => link.getAttribute("aria-current"));
    const next = links[here < 0 ? 0 : here + way];
    if (next) open(next.href);
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("#review a[data-nav]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    open(link.href?.baseVal ?? link.href);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("#review form");
    if (!form) return;
    event.preventDefault();
    if (form.method === "get") return open(`${form.getAttribute("action")}?${new URLSearchParams(new FormData(form))}`);
    send(form, event.submitter);
  });
  document.addEventListener("change", (event) => {
    if (event.target.id === "rv-keys") localStorage.setItem(KEYS, event.target.checked ? "on" : "off");
    if (event.target.matches("[data-get] input")) event.target.form.requestSubmit();
  });
  document.addEventListener("keydown", (event) => {
    if (!find("#review")) return;
    if (event.key === "Escape" && event.target.matches("#rv-value, #rv-reason")) return find(".rv-current .rv-open")?.focus();
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
    if (localStorage.getItem(KEYS) === "off") return;
    if (event.key === "j" || event.key === "k") { event.preventDefault(); return step(event.key === "j" ? 1 : -1); }
    const wanted = find(`#review [data-key="${CSS.escape(event.key)}"]`);
    if (!wanted) return;
    event.preventDefault();
    if (wanted.matches("button")) wanted.click();
    else { wanted.focus(); wanted.select?.(); }
  });
  window.addEventListener("popstate", () => open(window.location.href, {}, false));
  ready(false);
})();
