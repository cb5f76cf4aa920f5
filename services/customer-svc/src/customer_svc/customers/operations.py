"""What happens to customers by itself."""

from crm_platform.sealing.sweep import sealing_sweep
from crm_platform.words import Words
from customer_svc.customers import service

SEALING = sealing_sweep(
    "customers.seal",
    title=Words("Sealing of personal data that an older version wrote", "封存旧版本写入的个人数据"),
    unit="customers",
    portion=service.seal_portion,
)
