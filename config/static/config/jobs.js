// The page of jobs asks for itself again, as long as it is looked at and nothing on it is ticked or in use.
(() => {
  const WANTED = "jobs-refresh";
  const place = () => document.getElementById("jobs");

  function ready() {
    if (!place().dataset.refresh) return;
    place().dataset.live = "";
    document.getElementById("jobs-refresh").checked = localStorage.getItem(WANTED) !== "off";
  }

  async function refresh() {
    const busy = place().querySelector("tbody input:checked") || place().contains(document.activeElement);
    if (!place().dataset.refresh || document.hidden || busy || localStorage.getItem(WANTED) === "off") return;
    try {
      const answer = await fetch(window.location.href, { credentials: "same-origin" });
      if (!answer.ok || answer.redirected) return;
      const next = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("jobs");
      if (next) { place().replaceWith(next); ready(); }
    } catch { /* asked again at the next turn */ }
  }

  document.addEventListener("change", (event) => {
    if (event.target.id === "jobs-refresh") { localStorage.setItem(WANTED, event.target.checked ? "on" : "off"); event.target.blur(); }
  });
  ready();
  const seconds = Number(place().dataset.refresh) || 0;
  if (seconds) setInterval(refresh, seconds * 1000);
})();
