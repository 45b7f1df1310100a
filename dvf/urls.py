from django.urls import path, re_path

from dvf import valuation_views, views

urlpatterns = [
    path("sales/", views.SalesView.as_view(), name="dvf-sales"),
    re_path(r"^sales/(?P<id_mutation>[0-9A-Za-z-]{1,40})/$", views.SaleView.as_view(), name="dvf-sale"),
    path("estimate/", valuation_views.EstimateView.as_view(), name="dvf-estimate"),
    path("quality/", valuation_views.QualityView.as_view(), name="dvf-quality"),
    path("prices/", views.PricesView.as_view(), name="dvf-prices"),
]
