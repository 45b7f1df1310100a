// The surroundings of a sale on tiles. Where no tile comes, the drawing that was there comes back.
(() => {
  const place = document.getElementById("dvf-map");
  const source = document.getElementById("dvf-map-data");
  if (!place || !source || !window.L) return;
  const data = JSON.parse(source.textContent);
  const drawing = place.innerHTML;
  place.innerHTML = "";
  const map = L.map(place, { scrollWheelZoom: false });
  map.fitBounds(L.latLng(data.here).toBounds(data.radius * 2));
  const tiles = L.tileLayer(data.tiles, { maxZoom: 19, attribution: data.attribution });
  let loaded = false;
  tiles.on("tileload", () => { loaded = true; });
  tiles.on("tileerror", () => {
    if (loaded || !map.getPane) return;
    tiles.off();
    map.remove();
    place.className = "dvf-map";
    place.innerHTML = drawing;
    loaded = true;
  });
  tiles.addTo(map);
  // Tiles are light in both themes: the colours of the light one.
  for (const [latitude, longitude, label, url, isHouse] of data.sales) {
    const text = document.createElement("a");
    text.href = url;
    text.textContent = label;
    L.circleMarker([latitude, longitude], {
      radius: 6, weight: 1, color: "#fff", fillOpacity: 0.9,
      fillColor: isHouse ? "#b45309" : "#0f766e",
    }).bindPopup(text).addTo(map);
  }
  L.circleMarker(data.here, { radius: 9, weight: 3, fill: false, color: "#be123c" }).addTo(map);
})();
