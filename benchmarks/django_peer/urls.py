"""Where they answer."""

from django.urls import path

from benchmarks.django_peer.views import Accept, Orders, Ready

urlpatterns = [
    path("readyz", Ready.as_view()),
    path("api/v1/orders", Orders.as_view()),
    path("api/v1/offers/<uuid:offer_id>/accept", Accept.as_view()),
]
