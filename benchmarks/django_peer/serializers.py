"""What comes in and what goes out."""

from rest_framework import serializers

from benchmarks.django_peer.models import Order


class Point(serializers.Serializer):
    lat = serializers.FloatField()
    lon = serializers.FloatField()


class Window(serializers.Serializer):
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()


class Contact(serializers.Serializer):
    name = serializers.CharField(max_length=40)
    phone = serializers.CharField(max_length=20)


class Wanted(serializers.Serializer):
    organisation_id = serializers.UUIDField()
    menu_item_id = serializers.UUIDField()
    detail = serializers.CharField(max_length=1000)
    window = Window()
    address = serializers.CharField(max_length=200)
    location = Point()
    contact = Contact()


class Shown(serializers.ModelSerializer):
    class Meta:
        model = Order
        fields = "__all__"


SUMMARY = ("id", "created_at", "organisation_id", "title", "category", "status", "urgency", "window_start")
SUMMARY += ("window_end", "scheduled_start", "scheduled_end", "team_id", "due_at", "risk_at", "urged_times")
SUMMARY += ("auto", "version")


class Line(serializers.ModelSerializer):
    class Meta:
        model = Order
        fields = SUMMARY
