"""What can go wrong with products."""

from crm_platform.errors import Conflict


class CodeTaken(Conflict):
    """A code names one product."""

    code = "product_code_taken"
    title, title_zh = "Product code taken", "产品编码已被占用"
    en = "There is another product with the code `{product_code}`."
    zh = "已有其他产品使用编码“{product_code}”。"
