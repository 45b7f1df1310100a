from django.db import migrations

# A report that goes, or that is made again, leaves the key of its file for the task that removes files.
FORWARD = """
CREATE FUNCTION report_file_without_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO photo_file_removals (key) VALUES (OLD.storage_key);
    RETURN NULL;
END $$;
CREATE TRIGGER reports_file_without_row AFTER DELETE ON property_reports
    FOR EACH ROW WHEN (OLD.storage_key <> '') EXECUTE FUNCTION report_file_without_row();
CREATE TRIGGER reports_file_replaced AFTER UPDATE OF storage_key ON property_reports
    FOR EACH ROW WHEN (OLD.storage_key <> '' AND OLD.storage_key <> NEW.storage_key)
    EXECUTE FUNCTION report_file_without_row();
"""
BACKWARD = """
DROP TRIGGER reports_file_replaced ON property_reports;
DROP TRIGGER reports_file_without_row ON property_reports;
DROP FUNCTION report_file_without_row();
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_initial"), ("photos", "0002_file_removals")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
