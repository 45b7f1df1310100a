import django.db.models.deletion
import django.db.models.manager
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0002_document_summaries'),
        ('properties', '0002_postal_codes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DocumentReview',
            fields=[
            ],
            options={
                'verbose_name': 'relecture',
                'verbose_name_plural': 'relectures',
                'proxy': True,
                'default_permissions': (),
                'indexes': [],
                'constraints': [],
            },
            bases=('documents.document',),
            managers=[
                ('all_objects', django.db.models.manager.Manager()),
            ],
        ),
        migrations.AlterModelOptions(
            name='document',
            options={'base_manager_name': 'all_objects', 'default_manager_name': 'all_objects', 'permissions': [('review_document', 'Peut relire les lectures')], 'verbose_name': 'document', 'verbose_name_plural': 'documents'},
        ),
        migrations.AddField(
            model_name='correction',
            name='by_staff',
            field=models.BooleanField(default=False, verbose_name="par l'équipe"),
        ),
        migrations.AddField(
            model_name='correction',
            name='confidence',
            field=models.FloatField(null=True, verbose_name='certitude'),
        ),
        migrations.AddField(
            model_name='correction',
            name='method',
            field=models.CharField(blank=True, max_length=8, verbose_name='moyen'),
        ),
        migrations.AddField(
            model_name='correction',
            name='rule',
            field=models.CharField(blank=True, help_text='Celle qui avait lu le fait.', max_length=80, verbose_name='règle'),
        ),
        migrations.AddField(
            model_name='correction',
            name='verdict',
            field=models.CharField(choices=[('accepted', 'Accepté'), ('corrected', 'Corrigé'), ('rejected', 'Rejeté')], default='corrected', max_length=9, verbose_name='verdict'),
        ),
        migrations.AddField(
            model_name='document',
            name='doubt_reasons',
            field=models.JSONField(blank=True, default=list, verbose_name='raisons de douter'),
        ),
        migrations.AddField(
            model_name='document',
            name='doubtful_count',
            field=models.PositiveIntegerField(default=0, verbose_name='faits douteux'),
        ),
        migrations.AddField(
            model_name='document',
            name='review_score',
            field=models.FloatField(default=0, help_text="L'enjeu de chaque fait, multiplié par son doute.", verbose_name='enjeu douteux (€)'),
        ),
        migrations.AddField(
            model_name='document',
            name='reviewed_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='relu le'),
        ),
        migrations.AddField(
            model_name='document',
            name='reviewed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='relu par'),
        ),
        migrations.AddField(
            model_name='document',
            name='revision',
            field=models.PositiveIntegerField(default=0, help_text="Augmente à chaque lecture et à chaque décision.", verbose_name='révision'),
        ),
        migrations.AddField(
            model_name='document',
            name='stake',
            field=models.DecimalField(decimal_places=2, default=0, help_text='Ce que pèsent les faits lus.', max_digits=14, verbose_name='enjeu (€)'),
        ),
        migrations.AddField(
            model_name='document',
            name='twin_key',
            field=models.CharField(blank=True, help_text='Égale pour deux fichiers qui disent la même chose de la même date.', max_length=64, verbose_name='empreinte du contenu'),
        ),
        migrations.RunSQL(
            "UPDATE corrections SET verdict = CASE WHEN value IS NULL OR value = 'null'::jsonb THEN 'rejected' "
            "WHEN value = read_value THEN 'accepted' ELSE 'corrected' END",
            migrations.RunSQL.noop,
        ),
        migrations.AddIndex(
            model_name='document',
            index=models.Index(models.OrderBy(models.F('review_score'), descending=True), models.F('id'), condition=models.Q(('is_deleted', False), ('reviewed_at__isnull', True), ('status', 'analyzed')), name='idx_documents_to_review'),
        ),
        migrations.AddIndex(
            model_name='document',
            index=models.Index(fields=['file_hash'], name='idx_documents_file_hash'),
        ),
    ]
