from django.db import migrations, models

from dvf.geometry import cell


class Migration(migrations.Migration):
    dependencies = [("dvf", "0004_observed_gaps")]

    operations = [
        migrations.AddIndex(
            model_name="dvfsale",
            index=models.Index(
                cell(models.F("longitude"), models.F("latitude")),
                models.F("date_mutation"),
                models.F("id"),
                name="idx_dvf_sales_cell_date",
            ),
        ),
    ]
