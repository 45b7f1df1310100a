from __future__ import annotations

from decimal import Decimal

import factory

from accounts.tests.factories import UserFactory
from properties.models import Property


class PropertyFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Property

    user = factory.SubFactory(UserFactory)
    address = factory.Sequence(lambda n: f"{n + 1} rue de la République")
    postal_code = "83000"
    city = "Toulon"
    department = "83"
    asking_price = Decimal("210000")
    surface_area = Decimal("68")
    property_type = Property.Type.APARTMENT
    rooms = 3
