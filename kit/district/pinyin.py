"""How Chinese names are read: pinyin without tones, with every usual reading of the letters that have several.

Letter by letter (pypinyin): a phrase would tell which reading is meant, but names of places follow no dictionary, and
whoever looks for one may know either. The library's dictionary of phrases is left out, which saves 40 MB a process.
"""

import os
from functools import lru_cache
from typing import Final

os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")

#: Letters of names that have several usual readings; of all others the library's first is taken.
READINGS: Final[dict[str, tuple[str, ...]]] = {
    letter: tuple(readings.split())
    for letter, readings in {
        "长": "chang zhang", "朝": "chao zhao", "重": "chong zhong", "行": "hang xing",
        "曾": "zeng ceng", "单": "dan shan", "乐": "le yue", "都": "du dou", "解": "jie xie",
        "厦": "sha xia", "盛": "sheng cheng", "调": "diao tiao", "传": "chuan zhuan",
        "藏": "cang zang", "柏": "bai bo", "薄": "bo bao", "参": "can shen", "差": "cha chai",
        "觉": "jue jiao", "角": "jiao jue", "落": "luo lao", "露": "lu lou", "率": "lv shuai",
        "绿": "lv lu", "翟": "zhai di", "尉": "wei yu", "查": "cha zha", "仇": "qiu chou",
        "种": "zhong chong", "奇": "qi ji", "降": "jiang xiang", "强": "qiang jiang",
        "圈": "quan juan", "校": "xiao jiao", "系": "xi ji", "折": "zhe she", "弹": "dan tan",
        "称": "cheng chen", "还": "huan hai", "便": "bian pian", "塞": "sai se", "阿": "a e",
        "省": "sheng xing", "宿": "su xiu", "模": "mo mu", "削": "xiao xue", "朴": "piao pu",
        "屏": "ping bing", "纤": "xian qian", "畜": "xu chu", "卡": "ka qia", "贾": "jia gu",
        "陆": "lu liu", "扎": "zha za", "泊": "bo po", "蔓": "man wan", "壳": "ke qiao",
        "澄": "cheng deng", "拓": "tuo ta", "堡": "bao pu bu", "仔": "zi zai", "艾": "ai yi",
        "祭": "ji zhai", "覃": "qin tan", "缪": "miao mou", "盖": "gai ge", "召": "zhao shao",
        "佛": "fo fu", "巷": "xiang hang", "番": "fan pan", "蚌": "bang beng", "晟": "sheng cheng",
    }.items()
}  # fmt: skip
#: In how many ways one name may be read; beyond it letters are read in their first.
MOST: Final = 8


def readings(text: str) -> list[tuple[str, ...]]:
    """The ways in which a text may be read, a syllable for each letter; what is no Chinese letter stays what it is."""
    ways: list[tuple[str, ...]] = [()]
    for letter in text:
        syllables = _syllables(letter)
        if len(ways) * len(syllables) > MOST:
            syllables = syllables[:1]
        ways = [(*way, syllable) for way in ways for syllable in syllables]
    return ways


@lru_cache(8192)
def _syllables(letter: str) -> tuple[str, ...]:
    from pypinyin import lazy_pinyin  # here, since a process that starts has no use for its dictionary

    return READINGS.get(letter) or tuple(lazy_pinyin(letter, errors=lambda other: other))
