import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.math
import dvf.geometry
from django.conf import settings
from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension, UnaccentExtension
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        TrigramExtension(),
        UnaccentExtension(),
        BtreeGistExtension(),
        migrations.CreateModel(
            name='DVFImport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('running', 'En cours'), ('served', 'Servi'), ('superseded', 'Remplacé'), ('failed', 'Échoué')], default='running', max_length=12, verbose_name='état')),
                ('mode', models.CharField(choices=[('replace', 'Remplace'), ('add', 'Ajoute')], default='replace', max_length=8, verbose_name='mode')),
                ('release_label', models.CharField(max_length=100, verbose_name='millésime')),
                ('is_synthetic', models.BooleanField(default=False, verbose_name='données synthétiques')),
                ('files', models.JSONField(default=list, help_text='nom, taille, sha256, format et lignes de chaque fichier', verbose_name='fichiers')),
                ('options', models.JSONField(blank=True, default=dict, verbose_name='options')),
                ('first_date', models.DateField(blank=True, null=True, verbose_name='première vente')),
                ('last_date', models.DateField(blank=True, null=True, verbose_name='dernière vente')),
                ('rows', models.BigIntegerField(default=0, verbose_name='lignes')),
                ('mutations', models.BigIntegerField(default=0, verbose_name='mutations')),
                ('sales', models.BigIntegerField(default=0, help_text='ventes de logements gardées de ces fichiers', verbose_name='ventes')),
                ('lots', models.BigIntegerField(default=0, verbose_name='lots')),
                ('total_sales', models.BigIntegerField(default=0, help_text='dans la base après cet import', verbose_name='ventes servies')),
                ('left_out', models.JSONField(blank=True, default=dict, help_text='nombre par motif', verbose_name='mutations laissées')),
                ('flagged', models.JSONField(blank=True, default=dict, help_text='nombre par motif', verbose_name='ventes écartées des médianes')),
                ('rejected', models.JSONField(blank=True, default=dict, help_text='nombre par motif', verbose_name='lignes rejetées')),
                ('rejected_lines', models.JSONField(blank=True, default=list, help_text='fichier, ligne, motif et contenu des premières', verbose_name='détail des rejets')),
                ('restored', models.JSONField(blank=True, default=dict, help_text='nombre par sorte', verbose_name='valeurs restaurées')),
                ('changes', models.JSONField(blank=True, default=dict, help_text='par département : ajoutées, retirées, modifiées', verbose_name='changements')),
                ('durations', models.JSONField(blank=True, default=dict, verbose_name='durées (s)')),
                ('peak_memory_mb', models.IntegerField(blank=True, null=True, verbose_name='mémoire au plus haut (Mo)')),
                ('requested_from', models.CharField(blank=True, help_text='compte système et machine', max_length=200, verbose_name='lancé depuis')),
                ('error', models.TextField(blank=True, verbose_name='erreur')),
                ('started_at', models.DateTimeField(auto_now_add=True, verbose_name='début')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='fin')),
                ('requested_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='demandé par')),
            ],
            options={
                'verbose_name': 'import de ventes',
                'verbose_name_plural': 'imports de ventes',
                'db_table': 'dvf_imports',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='DVFPrice',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('place_kind', models.CharField(choices=[('code_postal', 'Code postal'), ('code_commune', 'Commune'), ('code_departement', 'Département')], max_length=16, verbose_name='sorte de lieu')),
                ('place_code', models.CharField(max_length=5, verbose_name='code du lieu')),
                ('type_principal', models.CharField(choices=[('Appartement', 'Appartement'), ('Maison', 'Maison')], max_length=12, verbose_name='type')),
                ('year', models.SmallIntegerField(verbose_name='année')),
                ('quarter', models.SmallIntegerField(help_text="vide pour l'année entière", null=True, verbose_name='trimestre')),
                ('sales_count', models.IntegerField(verbose_name='ventes')),
                ('mean', models.DecimalField(decimal_places=2, max_digits=15, verbose_name='moyenne (€/m²)')),
                ('median', models.DecimalField(decimal_places=2, max_digits=15, verbose_name='médiane (€/m²)')),
                ('first_quartile', models.DecimalField(decimal_places=2, max_digits=15, verbose_name='premier quartile (€/m²)')),
                ('third_quartile', models.DecimalField(decimal_places=2, max_digits=15, verbose_name='troisième quartile (€/m²)')),
                ('minimum', models.DecimalField(decimal_places=2, max_digits=15, verbose_name='minimum (€/m²)')),
                ('maximum', models.DecimalField(decimal_places=2, max_digits=15, verbose_name='maximum (€/m²)')),
            ],
            options={
                'verbose_name': 'statistique de prix',
                'verbose_name_plural': 'statistiques de prix',
                'db_table': 'dvf_prices',
                'constraints': [models.UniqueConstraint(fields=('place_kind', 'place_code', 'type_principal', 'year', 'quarter'), name='uq_dvf_prices', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='DVFSale',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('id_mutation', models.CharField(help_text='ne vaut que dans un millésime', max_length=40, verbose_name='mutation')),
                ('fingerprint', models.UUIDField(help_text="du contenu de la vente ; stable d'un millésime à l'autre", verbose_name='empreinte')),
                ('date_mutation', models.DateField(verbose_name='date')),
                ('annee', models.SmallIntegerField(verbose_name='année')),
                ('nature_mutation', models.CharField(max_length=60, verbose_name='nature')),
                ('prix', models.DecimalField(decimal_places=2, help_text='net vendeur, toutes dispositions', max_digits=15, null=True, verbose_name='prix (€)')),
                ('prix_m2', models.DecimalField(decimal_places=2, help_text='des seules ventes comparables', max_digits=15, null=True, verbose_name='prix au m² (€)')),
                ('n_dispositions', models.SmallIntegerField(default=1, verbose_name='dispositions')),
                ('adresse_numero', models.CharField(blank=True, max_length=10, verbose_name='numéro')),
                ('adresse_suffixe', models.CharField(blank=True, help_text='B, T, Q pour bis, ter, quater, ou A, C…', max_length=10, verbose_name='suffixe')),
                ('adresse_nom_voie', models.CharField(blank=True, max_length=100, verbose_name='voie')),
                ('adresse_complete', models.CharField(blank=True, help_text='numéro, suffixe et voie', max_length=130, verbose_name='adresse')),
                ('code_voie', models.CharField(blank=True, max_length=10, verbose_name='code voie')),
                ('code_postal', models.CharField(blank=True, max_length=5, verbose_name='code postal')),
                ('code_commune', models.CharField(max_length=5, verbose_name='code commune')),
                ('nom_commune', models.CharField(blank=True, max_length=100, verbose_name='commune')),
                ('code_departement', models.CharField(max_length=3, verbose_name='département')),
                ('id_parcelle', models.CharField(blank=True, help_text='celle du logement', max_length=14, verbose_name='parcelle')),
                ('numeros_lots', models.CharField(blank=True, help_text='ceux du logement', max_length=120, verbose_name='numéros de lots')),
                ('longitude', models.FloatField(null=True, verbose_name='longitude')),
                ('latitude', models.FloatField(null=True, verbose_name='latitude')),
                ('position', models.GeneratedField(db_persist=True, expression=models.Func(models.F('longitude'), django.db.models.functions.math.Degrees(django.db.models.functions.math.Ln(django.db.models.functions.math.Tan(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.functions.math.Pi(), '/', models.Value(4.0)), '+', django.db.models.expressions.CombinedExpression(django.db.models.functions.math.Radians(models.F('latitude')), '/', models.Value(2.0)))))), function='point'), help_text='sur la carte de Mercator, en degrés', output_field=dvf.geometry.PointField(), verbose_name='position')),
                ('type_principal', models.CharField(choices=[('Appartement', 'Appartement'), ('Maison', 'Maison')], max_length=12, verbose_name='type')),
                ('surface_bati', models.FloatField(help_text='des logements', null=True, verbose_name='surface bâtie (m²)')),
                ('surface_carrez', models.FloatField(help_text="du logement, s'il est seul", null=True, verbose_name='surface Carrez (m²)')),
                ('nombre_pieces', models.IntegerField(help_text='des logements', null=True, verbose_name='pièces')),
                ('surface_terrain', models.FloatField(null=True, verbose_name='terrain (m²)')),
                ('nombre_lots', models.IntegerField(default=0, verbose_name='lots de copropriété')),
                ('n_appartements', models.IntegerField(default=0, verbose_name='appartements')),
                ('n_maisons', models.IntegerField(default=0, verbose_name='maisons')),
                ('n_dependances', models.IntegerField(default=0, verbose_name='dépendances')),
                ('n_commerces', models.IntegerField(default=0, verbose_name='locaux commerciaux')),
                ('n_parcelles_terrain', models.IntegerField(default=0, verbose_name='parcelles avec terrain')),
                ('is_comparable', models.BooleanField(help_text='peut entrer dans une médiane', verbose_name='comparable')),
                ('exclusion_reasons', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('off_plan', "Vente en l'état futur d'achèvement"), ('nature', "Autre nature qu'une vente"), ('several_dwellings', 'Plusieurs logements'), ('mixed', 'Avec un local commercial'), ('several_dispositions', 'Plusieurs dispositions'), ('symbolic_price', 'Prix absent ou symbolique'), ('no_surface', 'Surface absente')], max_length=24), blank=True, default=list, size=None, verbose_name="motifs d'exclusion")),
                ('release', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='dvf.dvfimport', verbose_name='import')),
            ],
            options={
                'verbose_name': 'vente',
                'verbose_name_plural': 'ventes',
                'db_table': 'dvf_sales',
            },
        ),
        # Before the table that refers to it: going back, that table goes first.
        migrations.AddConstraint(
            model_name='dvfsale',
            constraint=models.UniqueConstraint(fields=('id_mutation',), name='uq_dvf_id_mutation'),
        ),
        migrations.CreateModel(
            name='DVFSaleLot',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('lot_type', models.CharField(help_text='Appartement, Maison, Dépendance, Local industriel…, Terrain', max_length=60, verbose_name='type')),
                ('nature_culture', models.CharField(blank=True, max_length=60, verbose_name='nature de culture')),
                ('surface_bati', models.FloatField(null=True, verbose_name='surface bâtie (m²)')),
                ('surface_carrez', models.FloatField(null=True, verbose_name='surface Carrez (m²)')),
                ('nombre_pieces', models.IntegerField(null=True, verbose_name='pièces')),
                ('surface_terrain', models.FloatField(null=True, verbose_name='terrain (m²)')),
                ('numeros_lots', models.CharField(blank=True, max_length=120, verbose_name='numéros de lots')),
                ('id_parcelle', models.CharField(blank=True, max_length=14, verbose_name='parcelle')),
                ('longitude', models.FloatField(null=True, verbose_name='longitude')),
                ('latitude', models.FloatField(null=True, verbose_name='latitude')),
                ('sale', models.ForeignKey(db_column='id_mutation', db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='lots', to='dvf.dvfsale', to_field='id_mutation', verbose_name='vente')),
            ],
            options={
                'verbose_name': "lot d'une vente",
                'verbose_name_plural': "lots d'une vente",
                'db_table': 'dvf_sale_lots',
            },
        ),
        migrations.CreateModel(
            name='DVFStreet',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('code_postal', models.CharField(blank=True, max_length=5, verbose_name='code postal')),
                ('code_commune', models.CharField(max_length=5, verbose_name='code commune')),
                ('nom_commune', models.CharField(blank=True, max_length=100, verbose_name='commune')),
                ('code_departement', models.CharField(max_length=3, verbose_name='département')),
                ('code_voie', models.CharField(blank=True, max_length=10, verbose_name='code voie')),
                ('nom_voie', models.CharField(max_length=100, verbose_name='voie')),
                ('street_key', models.CharField(help_text='abréviations développées, sans accents', max_length=150, verbose_name='voie normalisée')),
                ('sales_count', models.IntegerField(verbose_name='ventes')),
                ('longitude', models.FloatField(help_text='milieu des ventes', null=True, verbose_name='longitude')),
                ('latitude', models.FloatField(null=True, verbose_name='latitude')),
            ],
            options={
                'verbose_name': 'voie',
                'verbose_name_plural': 'voies',
                'db_table': 'dvf_streets',
                'indexes': [django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(models.F('street_key'), 'gin_trgm_ops'), name='idx_dvf_streets_key_gin'), models.Index(fields=['code_postal', 'street_key'], name='idx_dvf_streets_postal'), models.Index(fields=['code_commune', 'street_key'], name='idx_dvf_streets_commune')],
            },
        ),
        migrations.AddIndex(
            model_name='dvfimport',
            index=models.Index(fields=['status'], name='idx_dvf_imports_status'),
        ),
        migrations.AddIndex(
            model_name='dvfsale',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(models.F('adresse_complete'), 'gin_trgm_ops'), name='idx_dvf_sales_address_gin'),
        ),
        migrations.AddIndex(
            model_name='dvfsale',
            index=models.Index(fields=['code_postal', 'type_principal'], name='idx_dvf_sales_composite'),
        ),
        migrations.AddIndex(
            model_name='dvfsale',
            index=models.Index(fields=['code_postal', 'type_principal', 'date_mutation'], name='idx_dvf_sales_composite_date'),
        ),
        migrations.AddIndex(
            model_name='dvfsale',
            index=models.Index(condition=models.Q(('prix_m2__isnull', False)), fields=['prix_m2'], name='idx_dvf_sales_prix_m2'),
        ),
        migrations.AddIndex(
            model_name='dvfsale',
            index=models.Index(fields=['id_mutation'], name='idx_dvf_sales_id_mutation'),
        ),
        migrations.AddIndex(
            model_name='dvfsale',
            index=models.Index(fields=['date_mutation', 'id'], name='idx_dvf_sales_date'),
        ),
        migrations.AddIndex(
            model_name='dvfsale',
            index=models.Index(fields=['code_postal', 'date_mutation', 'id'], name='idx_dvf_sales_postal_date'),
        ),
        migrations.AddIndex(
            model_name='dvfsale',
            index=models.Index(fields=['code_commune', 'date_mutation', 'id'], name='idx_dvf_sales_commune_date'),
        ),
        migrations.AddIndex(
            model_name='dvfsale',
            index=models.Index(fields=['code_departement', 'date_mutation', 'id'], name='idx_dvf_sales_dept_date'),
        ),
        migrations.AddIndex(
            model_name='dvfsale',
            index=models.Index(fields=['code_commune', 'code_voie'], name='idx_dvf_sales_voie'),
        ),
        migrations.AddIndex(
            model_name='dvfsale',
            index=models.Index(fields=['id_parcelle'], name='idx_dvf_sales_parcelle'),
        ),
        migrations.AddIndex(
            model_name='dvfsale',
            index=models.Index(fields=['fingerprint'], name='idx_dvf_sales_fingerprint'),
        ),
        migrations.AddIndex(
            model_name='dvfsale',
            index=django.contrib.postgres.indexes.GistIndex(condition=models.Q(('type_principal', 'Appartement')), fields=['position'], name='idx_dvf_sales_near_flat'),
        ),
        migrations.AddIndex(
            model_name='dvfsale',
            index=django.contrib.postgres.indexes.GistIndex(condition=models.Q(('type_principal', 'Maison')), fields=['position'], name='idx_dvf_sales_near_house'),
        ),
        migrations.AddConstraint(
            model_name='dvfsale',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('exclusion_reasons', []), ('is_comparable', True)), models.Q(('is_comparable', False), models.Q(('exclusion_reasons', []), _negated=True)), _connector='OR'), name='ck_dvf_sales_comparable'),
        ),
        migrations.AddIndex(
            model_name='dvfsalelot',
            index=models.Index(fields=['sale'], name='idx_dvf_sale_lots_id_mutation'),
        ),
    ]
