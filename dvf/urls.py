from django.urls import path, re_path

from dvf import views

urlpatterns = [
    path("sales/", views.SalesView.as_view(), name="dvf-sales"),
    re_path(r"^sales/(?P<id_mutation>[0-9A-Za-z-]{1,40})/$", views.SaleView.as_view(), name="dvf-sale"),
    path("prices/", views.PricesView.as_view(), name="dvf-prices"),
]
