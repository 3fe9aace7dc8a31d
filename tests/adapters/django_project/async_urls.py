from tests.adapters.django_project import async_views
from tests.adapters.django_project.routes import patterns

urlpatterns = patterns(async_views)
