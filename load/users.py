"""What one person does, for Locust: signs in, looks around, searches, corrects, uploads, asks again.

Run by `python -m load`; knows the application by its API alone. Routes are counted by their template.
"""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import Any

from locust import HttpUser, between, task

from load.files import photo, text_pdf

ACCOUNTS: list[dict[str, Any]] = json.loads(Path(os.environ["LOAD_ACCOUNTS"]).read_text(encoding="utf-8"))
_free = list(range(len(ACCOUNTS)))


class Client(HttpUser):
    wait_time = between(1, 3)

    def on_start(self) -> None:
        number = _free.pop()
        self.account = ACCOUNTS[number]
        self.chance = random.Random()  # noqa: S311
        # As one proxy in front would write it: each person is at an address of their own.
        self.client.headers["X-Forwarded-For"] = f"10.1.{number // 250}.{number % 250 + 1}"
        token = self.client.post(
            "/api/auth/token/",
            json={"email": self.account["email"], "password": self.account["password"], "name": "load"},
        ).json()
        self.client.headers["Authorization"] = f"Bearer {token.get('token', self.account['token'])}"
        self.properties = list(self.account["properties"])

    def get(self, path: str, name: str, **parameters: Any) -> Any:
        return self.client.get(path, params=parameters, name=name)

    @property
    def place(self) -> dict[str, Any]:
        place: dict[str, Any] = self.chance.choice(self.account["places"])
        return place

    @property
    def subject(self) -> int:
        return int(self.chance.choice(self.properties))

    @task(6)
    def properties_with_synthesis(self) -> None:
        self.get("/api/properties/with-synthesis/", "/properties/with-synthesis/")

    @task(4)
    def one_property(self) -> None:
        self.get(f"/api/properties/{self.subject}/", "/properties/{id}/")

    @task(2)
    def stats(self) -> None:
        self.get("/api/properties/dvf-stats/", "/properties/dvf-stats/")
        self.get("/api/users/stats/", "/users/stats/")

    @task(4)
    def search_addresses(self) -> None:
        street = self.place["street"]
        for length in (5, 9, len(street)):
            self.get("/api/properties/search-addresses/", "/properties/search-addresses/", q=street[:length])

    @task(6)
    def sales(self) -> None:
        answer = self.get(
            "/api/dvf/sales/", "/dvf/sales/", code_postal=self.place["postal_code"], limit=20
        ).json()
        if following := answer.get("next"):
            self.client.get(following, name="/dvf/sales/?cursor")

    @task(3)
    def nearest(self) -> None:
        place = self.place
        self.get("/api/dvf/sales/", "/dvf/sales/?near", near=place["near"], type_principal=place["kind"])

    @task(2)
    def prices(self) -> None:
        self.get("/api/dvf/prices/", "/dvf/prices/", code_postal=self.place["postal_code"], by="quarter")

    @task(2)
    def estimate(self) -> None:
        place = self.place
        self.get(
            "/api/dvf/estimate/",
            "/dvf/estimate/",
            postal_code=place["postal_code"],
            address=place["address"],
            surface=place["surface"],
            type_principal=place["kind"],
        )

    @task(4)
    def price_analysis(self) -> None:
        self.get(f"/api/properties/{self.subject}/price-analysis/", "/properties/{id}/price-analysis/")

    @task(2)
    def price_analysis_full(self) -> None:
        subject = self.subject
        self.get(f"/api/properties/{subject}/price-analysis/full/", "/properties/{id}/price-analysis/full/")
        self.get(f"/api/properties/{subject}/market-trend/", "/properties/{id}/market-trend/")
        self.get(f"/api/properties/{subject}/costs/", "/properties/{id}/costs/")

    @task(1)
    def refresh(self) -> None:
        self.client.post(
            f"/api/properties/{self.subject}/price-analysis/refresh/",
            name="/properties/{id}/price-analysis/refresh/",
        )

    @task(2)
    def change(self) -> None:
        subject = self.subject
        self.client.patch(
            f"/api/properties/{subject}/",
            json={"asking_price": self.chance.randrange(80_000, 900_000)},
            name="PATCH /properties/{id}/",
        )

    @task(1)
    def create(self) -> None:
        place = self.place
        self.client.post(
            "/api/properties/",
            json={"address": place["address"], "postal_code": place["postal_code"], "city": "Ville"},
            headers={"Idempotency-Key": f"load-{self.chance.getrandbits(64):x}"},
            name="POST /properties/",
        )

    @task(2)
    def documents(self) -> None:
        self.get("/api/documents/", "/documents/", property=self.subject)
        self.get(f"/api/documents/synthesis/{self.subject}/", "/documents/synthesis/{id}/")

    @task(2)
    def upload(self) -> None:
        words = f"Charges annuelles {self.chance.getrandbits(64)} : 1 234,56 euros"
        self.client.post(
            "/api/documents/upload/",
            data={"property_id": self.subject},
            files={"file": ("charges.pdf", text_pdf(words), "application/pdf")},
            name="POST /documents/upload/",
        )

    @task(1)
    def upload_photo(self) -> None:
        self.client.post(
            "/api/photos/upload/",
            data={"property_id": self.subject},
            files={"file": ("sejour.jpg", photo(), "image/jpeg")},
            name="POST /photos/upload/",
        )
        self.get("/api/photos/", "/photos/", property=self.subject)
