from tests.adapters.django_project import views
from tests.adapters.django_project.routes import patterns

urlpatterns = patterns(views)
