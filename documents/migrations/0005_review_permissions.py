from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0004_models'),
        ('properties', '0002_postal_codes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='document',
            options={'base_manager_name': 'all_objects', 'default_manager_name': 'all_objects', 'verbose_name': 'document', 'verbose_name_plural': 'documents'},
        ),
        migrations.AlterModelOptions(
            name='documentreview',
            options={'default_permissions': ('view', 'change'), 'verbose_name': 'relecture', 'verbose_name_plural': 'relectures'},
        ),
        migrations.AddIndex(
            model_name='batch',
            index=models.Index(fields=['-created_at'], name='idx_document_batches_newest'),
        ),
        migrations.AddIndex(
            model_name='documentsummary',
            index=models.Index(condition=models.Q(('status', 'failed')), fields=['id'], name='idx_summaries_failed'),
        ),
    ]
