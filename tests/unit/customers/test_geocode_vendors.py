"""Each geocoding service is understood in the form its documentation gives."""

from collections.abc import Callable

import pytest

from geo_engine.customers.geocode_vendors import (
    FoundPlace,
    Payload,
    Refusal,
    ServiceRefused,
    read_amap,
    read_baidu,
    read_nominatim,
    read_tianditu,
)

AMAP = {
    "status": "1",
    "info": "OK",
    "infocode": "10000",
    "count": "2",
    "geocodes": [
        {
            "formatted_address": "北京市朝阳区阜通东大街6号",
            "country": "中国",
            "province": "北京市",
            "citycode": "010",
            "city": "北京市",
            "district": "朝阳区",
            "township": [],
            "neighborhood": {"name": [], "type": []},
            "building": {"name": [], "type": []},
            "adcode": "110105",
            "street": "阜通东大街",
            "number": "6号",
            "location": "116.482086,39.990496",
            "level": "门址",
        },
        {"formatted_address": [], "location": "116.48,39.99", "level": "道路"},
        {"formatted_address": "北京市", "location": [], "level": "市"},
    ],
}
BAIDU = {
    "status": 0,
    "result": {
        "location": {"lng": 116.30814954222, "lat": 40.056885091681},
        "precise": 1,
        "confidence": 80,
        "comprehension": 100,
        "level": "商务大厦",
    },
}
TIANDITU = {
    "msg": "ok",
    "location": {
        "score": 100,
        "level": "门址",
        "lon": "116.290158",
        "lat": "39.894696",
        "keyWord": "北京市海淀区莲花池西路28号",
    },
    "searchVersion": "6.4.9V",
    "status": "0",
}
NOMINATIM = [
    {
        "place_id": 100149,
        "osm_type": "node",
        "osm_id": 107775,
        "lat": "43.7325",
        "lon": "7.4191",
        "category": "place",
        "type": "house",
        "place_rank": 30,
        "importance": 0.00000999,
        "addresstype": "place",
        "display_name": "12, Rue Grimaldi, La Condamine, Monaco, 98000, Monaco",
        "boundingbox": ["43.7324", "43.7326", "7.4190", "7.4192"],
    },
    {"lat": "43.7330", "lon": "7.4200", "place_rank": 26, "display_name": "Rue Grimaldi, Monaco"},
]


@pytest.mark.parametrize(
    ("read", "payload", "places"),
    [
        (
            read_amap,
            AMAP,
            (
                FoundPlace(label="北京市朝阳区阜通东大街6号", lon=116.482086, lat=39.990496, confidence=1.0),
                FoundPlace(label="", lon=116.48, lat=39.99, confidence=0.6),
            ),
        ),
        (read_baidu, BAIDU, (FoundPlace(label="", lon=116.30814954222, lat=40.056885091681, confidence=0.8),)),
        (
            read_tianditu,
            TIANDITU,
            (FoundPlace(label="北京市海淀区莲花池西路28号", lon=116.290158, lat=39.894696, confidence=1.0),),
        ),
        (
            read_nominatim,
            NOMINATIM,
            (
                FoundPlace(
                    label="12, Rue Grimaldi, La Condamine, Monaco, 98000, Monaco",
                    lon=7.4191,
                    lat=43.7325,
                    confidence=1.0,
                ),
                FoundPlace(label="Rue Grimaldi, Monaco", lon=7.42, lat=43.733, confidence=0.6),
            ),
        ),
    ],
)
def test_an_answer_becomes_places(
    read: Callable[[Payload], tuple[FoundPlace, ...]], payload: Payload, places: tuple[FoundPlace, ...]
) -> None:
    """Longitude, latitude, label and confidence are taken from where the service puts them."""
    assert read(payload) == places


@pytest.mark.parametrize(
    ("read", "payload"),
    [
        (read_amap, {"status": "1", "infocode": "10000", "count": "0", "geocodes": []}),
        (read_amap, {"status": "0", "info": "ENGINE_RESPONSE_DATA_ERROR", "infocode": "30001"}),
        (read_baidu, {"status": 1, "msg": "Internal Service Error:无相关结果", "results": []}),
        (read_baidu, {"status": 0, "result": []}),
        (read_tianditu, {"msg": "无结果", "status": "101"}),
        (read_nominatim, []),
    ],
)
def test_nothing_found_is_an_empty_answer(read: Callable[[Payload], tuple[FoundPlace, ...]], payload: Payload) -> None:
    """A service that knows no such place is not a service that failed."""
    assert read(payload) == ()


@pytest.mark.parametrize(
    ("read", "payload", "refusal"),
    [
        (read_amap, {"status": "0", "info": "INVALID_USER_KEY", "infocode": "10001"}, Refusal.KEY),
        (read_amap, {"status": "0", "info": "DAILY_QUERY_OVER_LIMIT", "infocode": "10003"}, Refusal.QUOTA),
        (read_amap, {"status": "0", "info": "INVALID_PARAMS", "infocode": "20000"}, Refusal.ADDRESS),
        (read_amap, {"status": "0", "info": "ENGINE_RESPONSE_DATA_ERROR", "infocode": "32200"}, Refusal.ADDRESS),
        (read_amap, {"status": "0", "info": "QUOTA_PLAN_RUN_OUT", "infocode": "40000"}, Refusal.QUOTA),
        (read_amap, {"status": "0", "info": "SERVER_IS_BUSY", "infocode": "10016"}, Refusal.FAILURE),
        (read_baidu, {"status": 200, "message": "APP不存在，AK有误请检查再重试"}, Refusal.KEY),
        (read_baidu, {"status": 302, "message": "天配额超限，限制访问"}, Refusal.QUOTA),
        (read_baidu, {"status": 2, "msg": "Request Parameter Error"}, Refusal.ADDRESS),
        (read_baidu, {"status": 1, "msg": "Internal Service Error"}, Refusal.ADDRESS),
        (read_baidu, {"status": 9, "message": "Permission Denied"}, Refusal.KEY),
        (read_baidu, {"status": 7, "message": "?"}, Refusal.FAILURE),
        (read_tianditu, {"code": 300004, "msg": "非法Key", "resolve": "请到API控制台重新申请Key"}, Refusal.KEY),
        (read_tianditu, {"status": "404", "msg": "err"}, Refusal.ADDRESS),
        (read_tianditu, {"status": "500", "msg": "err"}, Refusal.FAILURE),
        (read_nominatim, {"error": {"code": 400, "message": "Nothing to search for."}}, Refusal.ADDRESS),
        (read_nominatim, {"error": {"code": 500, "message": "Database not available"}}, Refusal.FAILURE),
        (read_nominatim, {"error": "Service unavailable"}, Refusal.FAILURE),
    ],
)
def test_a_refusal_says_what_kind_it_is(
    read: Callable[[Payload], tuple[FoundPlace, ...]], payload: Payload, refusal: Refusal
) -> None:
    """A wrong key, a used-up quota, a failure and a question it cannot take are told apart by the service's code."""
    with pytest.raises(ServiceRefused) as refused:
        read(payload)

    assert refused.value.refusal is refusal


@pytest.mark.parametrize("read", [read_amap, read_baidu, read_tianditu, read_nominatim])
@pytest.mark.parametrize("payload", [None, 7, "text", {}, {"status": "1"}, {"status": 0, "result": 3}, [3]])
def test_another_shape_is_never_taken_for_an_answer(
    read: Callable[[Payload], tuple[FoundPlace, ...]], payload: Payload
) -> None:
    """A payload of no documented shape raises, it gives no place and no other error."""
    with pytest.raises((KeyError, TypeError, ValueError, ServiceRefused)):
        read(payload)
