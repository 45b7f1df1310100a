"""Whatever deletes a row (the API, a cascade, staff, plain SQL), the keys of its files are left for removal."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION photo_files_without_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.storage_key <> '' THEN
        INSERT INTO photo_file_removals (key)
        VALUES (CASE WHEN TG_TABLE_NAME = 'photo_redesigns' THEN OLD.storage_key
                     ELSE regexp_replace(OLD.storage_key, '[^/]*$', '') END);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER photos_files_without_row AFTER DELETE ON photos
    FOR EACH ROW EXECUTE FUNCTION photo_files_without_row();
CREATE TRIGGER photo_redesigns_files_without_row AFTER DELETE ON photo_redesigns
    FOR EACH ROW EXECUTE FUNCTION photo_files_without_row();
CREATE TRIGGER photo_references_files_without_row AFTER DELETE ON photo_references
    FOR EACH ROW EXECUTE FUNCTION photo_files_without_row();
"""
BACKWARD = """
DROP TRIGGER photo_references_files_without_row ON photo_references;
DROP TRIGGER photo_redesigns_files_without_row ON photo_redesigns;
DROP TRIGGER photos_files_without_row ON photos;
DROP FUNCTION photo_files_without_row();
"""


class Migration(migrations.Migration):
    dependencies = [("photos", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
