"""Parts of invented names, in Chinese and English."""

CITIES = ("上海", "北京", "深圳", "杭州", "成都", "武汉", "南京", "苏州", "西安", "厦门", "青岛", "长沙")
BRANDS = (
    "观澜",
    "启明",
    "云帆",
    "恒信",
    "锦程",
    "瑞丰",
    "天衡",
    "远航",
    "博雅",
    "星禾",
    "汇川",
    "嘉木",
    "知远",
    "拓维",
)
TRADES = {
    "软件": "software",
    "医疗器械": "medical",
    "新零售": "retail",
    "智能制造": "manufacturing",
    "物流": "logistics",
    "教育科技": "education",
    "新能源": "energy",
    "金融服务": "finance",
}
ENGLISH = (
    *("Northgate", "Bluewater", "Kestrel", "Halden", "Mistral", "Orchard", "Silverline", "Tamarind", "Vantage"),
    *("Wexford", "Yarrow", "Zephyr", "Ashby", "Calder"),
)
ENGLISH_TRADES = {
    "Systems": "software",
    "Medical": "medical",
    "Retail": "retail",
    "Manufacturing": "manufacturing",
    "Logistics": "logistics",
    "Learning": "education",
    "Energy": "energy",
    "Capital": "finance",
}
LEGAL_FORMS = ("Ltd", "Inc", "GmbH", "Pte Ltd")
COUNTRIES = ("United States", "Germany", "Japan", "Korea", "Brazil", "Italy")
SURNAMES = {
    "王": "Wang",
    "李": "Li",
    "张": "Zhang",
    "刘": "Liu",
    "陈": "Chen",
    "杨": "Yang",
    "赵": "Zhao",
    "周": "Zhou",
}
GIVEN = {"芳": "Fang", "伟": "Wei", "敏": "Min", "静": "Jing", "磊": "Lei", "洋": "Yang", "艳": "Yan", "杰": "Jie"}
FOREIGN_AGENTS = ("Anna Keller", "Tom Baxter", "Priya Nair", "Lucas Ferreira")
OFFICES = ("华东 East", "华南 South", "海外 Overseas")
PRODUCTS = (
    ("CRM Starter", "CRM", 12_000),
    ("CRM Pro", "CRM", 48_000),
    ("CRM Enterprise", "CRM", 180_000),
    ("Desk Basic", "Desk", 6_000),
    ("Desk Plus", "Desk", 24_000),
    ("Delivery Suite", "Delivery", 96_000),
    ("Insight", "Insight", 60_000),
)
