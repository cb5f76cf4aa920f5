import httpx


async def test_templates_are_listed_in_both_languages(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/project-templates")

    assert answer.status_code == 200
    page = answer.json()
    assert page["next_cursor"] is None
    assert [(item["code"], item["version"], item["duration_days"]) for item in page["items"]] == [
        ("implementation", 1, 60),
        ("consulting", 1, 42),
        ("training", 1, 30),
    ]
    first = page["items"][0]
    assert first["name"] == {"en": "Implementation", "zh": "实施项目"}
    assert [(d["name"]["zh"], d["due_after_days"]) for d in first["deliverables"]] == [
        ("需求说明书与实施计划", 14),
        ("系统部署与客户数据迁移", 45),
        ("培训与上线", 60),
    ]
    assert first["risks"][0] == {
        "title": {"en": "Requirements change after they were signed", "zh": "需求在确认后发生变更"},
        "category": "requirement",
        "probability": 3,
        "impact": 3,
    }


async def test_the_list_of_templates_has_no_parameters(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/project-templates", params={"limit": 1})

    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_parameter")
