"""What bench/writes.py compares with: companies in Django REST framework, as its tutorial has it.

    python -m bench.reference     makes its table in the database that REFERENCE_DATABASE names (JSON)

Run by gunicorn from .venv-bench, where Django is; the product's own environment has none.
"""

import json
import os
import uuid

import django
from django.conf import settings

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "CONN_MAX_AGE": None,
            **json.loads(os.environ["REFERENCE_DATABASE"]),
        }
    },
    DEBUG=False,
    INSTALLED_APPS=["rest_framework"],
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
        "DEFAULT_PERMISSION_CLASSES": [],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "UNAUTHENTICATED_USER": None,
    },
    ROOT_URLCONF=__name__,
    SECRET_KEY="nothing is signed",
    USE_TZ=True,
)
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402 - Django wants its settings first
from django.db import connection, models  # noqa: E402
from rest_framework.pagination import CursorPagination  # noqa: E402
from rest_framework.routers import SimpleRouter  # noqa: E402
from rest_framework.serializers import ModelSerializer  # noqa: E402
from rest_framework.viewsets import ModelViewSet  # noqa: E402


class Company(models.Model):
    """A company with the columns and the unique keys that ours has."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100, unique=True)
    uscc = models.CharField(max_length=18, unique=True, null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "reference"
        db_table = "companies"


class CompanySerializer(ModelSerializer):
    """The fields that ours answers, with the validators that come with the model."""

    class Meta:
        model = Company
        fields = ("id", "name", "uscc")


class Pages(CursorPagination):
    """Pages of 50 by cursor, which saves the count; by the key, which saves an index."""

    page_size = 50
    ordering = "id"


class Companies(ModelViewSet):
    """List, read, create, change, delete."""

    queryset = Company.objects.all()
    serializer_class = CompanySerializer
    pagination_class = Pages


router = SimpleRouter(trailing_slash=False)
router.register("companies", Companies)
urlpatterns = router.urls
application = get_wsgi_application()

if __name__ == "__main__":
    with connection.schema_editor() as editor:
        editor.create_model(Company)
