"""What forgets contents that no document knows."""

from crm_platform.objects.orphans import orphans
from crm_platform.words import Words
from project_svc.documents.domain import FOLDER
from project_svc.documents.repository import known

ORPHANS = orphans(
    FOLDER, known, name="documents.orphans", title=Words("Removal of files without a document", "清理无记录的文件")
)
