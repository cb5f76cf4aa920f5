"""What happens to sync conflicts by itself."""

from crm_platform.sealing.sweep import sealing_sweep
from crm_platform.words import Words
from customer_svc.sync import service

SEALING = sealing_sweep(
    "sync_conflicts.seal",
    title=Words("Sealing of disputed values that an older version wrote", "封存旧版本写入的冲突数据"),
    unit="sync conflicts",
    portion=service.seal_portion,
)
