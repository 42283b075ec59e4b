"""Far-away text: other languages and other topics, on which no verdict may sound sure."""

from __future__ import annotations

from random import Random

from trust.setting import Setting
from trust.table import Check, share

_SURE = 0.5

# Commonplace words, so that any few of them in a row are a text of the language, if no clever one.
LANGUAGES = {
    "German": """der die das ein Garten Haus Fenster Straße Hund Katze Kinder Schule gestern heute morgen läuft singt
        kauft schläft alt neu grün schnell unter über neben und aber weil Freund Zug Brücke Winter""",
    "French": """le la les une maison jardin fenêtre rue chien chat enfants école hier demain court chante achète dort
        vieux nouveau vert vite sous sur près et mais parce ami train pont hiver""",
    "Spanish": """el la los una casa jardín ventana calle perro gato niños escuela ayer mañana corre canta compra duerme
        viejo nuevo verde rápido bajo sobre cerca y pero porque amigo tren puente invierno""",
    "Italian": """il la gli una casa giardino finestra strada cane gatto bambini scuola ieri domani corre canta compra
        dorme vecchio nuovo verde veloce sotto sopra vicino e ma perché amico treno ponte inverno""",
    "Portuguese": """o a os uma casa jardim janela rua cão gato crianças escola ontem amanhã corre canta compra dorme
        velho novo verde rápido debaixo sobre perto e mas porque amigo comboio ponte inverno""",
    "Dutch": """de het een huis tuin raam straat hond kat kinderen school gisteren morgen loopt zingt koopt slaapt oud
        nieuw groen snel onder boven naast en maar omdat vriend trein brug winter""",
    "Swedish": """en ett huset trädgården fönstret gatan hunden katten barnen skolan igår imorgon springer sjunger köper
        sover gammal ny grön snabbt under över bredvid och men eftersom vän tåget bron vintern""",
    "Polish": """dom ogród okno ulica pies kot dzieci szkoła wczoraj jutro biegnie śpiewa kupuje śpi stary nowy zielony
        szybko pod nad obok i ale ponieważ przyjaciel pociąg most zima""",
    "Turkish": """ev bahçe pencere sokak köpek kedi çocuklar okul dün yarın koşuyor şarkı satın uyuyor eski yeni yeşil
        hızlı altında üstünde yanında ve ama çünkü arkadaş tren köprü kış""",
    "Finnish": """talo puutarha ikkuna katu koira kissa lapset koulu eilen huomenna juoksee laulaa ostaa nukkuu vanha
        uusi vihreä nopeasti alla päällä vieressä ja mutta koska ystävä juna silta talvi""",
    "Indonesian": """rumah kebun jendela jalan anjing kucing anak sekolah kemarin besok berlari menyanyi membeli tidur
        tua baru hijau cepat bawah atas dekat dan tetapi karena teman kereta jembatan musim""",
    "Swahili": """nyumba bustani dirisha barabara mbwa paka watoto shule jana kesho anakimbia anaimba ananunua analala
        mzee mpya kijani haraka chini juu karibu na lakini kwa rafiki treni daraja baridi""",
    "Vietnamese": """ngôi nhà vườn cửa sổ đường con chó mèo trẻ em trường hôm qua ngày mai chạy hát mua ngủ cũ mới xanh
        nhanh dưới trên gần và nhưng vì bạn tàu cầu mùa đông""",
    "Russian": """дом сад окно улица собака кошка дети школа вчера завтра бежит поёт покупает спит старый новый зелёный
        быстро под над рядом и но потому друг поезд мост зима""",
    "Greek": """το σπίτι κήπος παράθυρο δρόμος σκύλος γάτα παιδιά σχολείο χθες αύριο τρέχει τραγουδά αγοράζει κοιμάται
        παλιό νέο πράσινο γρήγορα κάτω πάνω δίπλα και αλλά γιατί φίλος τρένο γέφυρα χειμώνας""",
    "Arabic": """بيت حديقة نافذة شارع كلب قطة أطفال مدرسة أمس غدا يركض يغني يشتري ينام قديم جديد أخضر بسرعة تحت فوق
        قرب ولكن لأن صديق قطار جسر شتاء""",
    "Hindi": """घर बगीचा खिड़की सड़क कुत्ता बिल्ली बच्चे स्कूल कल आज दौड़ता गाता खरीदता सोता पुराना नया हरा तेज़ नीचे ऊपर पास और
        लेकिन क्योंकि दोस्त रेलगाड़ी पुल सर्दी""",
    "Chinese": """房子 花园 窗户 街道 小狗 猫 孩子 学校 昨天 明天 跑步 唱歌 购买 睡觉 古老 崭新 绿色 很快
        下面 上面 旁边 而且 但是 因为 朋友 火车 大桥 冬天""",
    "Japanese": """家 庭 窓 道 犬 猫 子ども 学校 昨日 明日 走る 歌う 買う 眠る 古い 新しい 緑の 速く
        下に 上に 隣に そして しかし だから 友だち 電車 橋 冬""",
}  # fmt: skip
_UNSPACED = frozenset(("Chinese", "Japanese"))


def _parts(text: str) -> tuple[str, ...]:
    return tuple(" ".join(part.split()) for part in text.split("|"))


_WHO = _parts(
    """my neighbour|the old baker|our geography teacher|a young architect|the mayor|her cousin|the orchestra|
    two plumbers|the night porter|an Icelandic poet|the goalkeeper|his landlord|the third violinist|a retired sailor|
    the tenants|the printer on the second floor|this laptop|the new tram line|a flock of geese|the cathedral"""
)
_DID = _parts(
    """bought|painted|lost|repaired|forgot|described|sold|photographed|carried|broke|cleaned|borrowed|designed|hid|found|
    counted|moved|mentioned|admired|replaced"""
)
_WHAT = _parts(
    """a wooden ladder|the kitchen curtains|three bicycles|an umbrella|the train tickets|a bottle of ink|the chess set|
    some spare keys|a leather sofa|the garden gate|an oil painting|the parking permit|a box of candles|the roof tiles|
    a second-hand piano|the tax return|a pair of skis|the concert hall|a map of Lisbon|the swimming pool"""
)
_WHEN = _parts(
    """last Tuesday|before the storm|in 1987|during the holidays|after lunch|on the way to Oslo|at the weekend|
    without telling anyone|for less than ten euros|in front of the museum|twice this month|while it was raining|
    under the bridge|although nobody asked|because the shop was closed|when the curtain fell"""
)
_SHAPES = (
    "{who} {did} {what} {when}",
    "{who} has never {did} {what}",
    "did {who} really leave {what} there {when}?",
    "{when}, {who} {did} {what}",
    "{who} may have {did} {what}, but not {what2}",
    "it is a fact that {who} {did} {what}",
    "{who} does not like {what}",
    "please take {what} away {when}",
    "{what} costs more than {what2}",
    "everyone says that {what} belongs to {who}",
)


def foreign(rng: Random) -> str:
    """Return a text in a language other than English."""
    name = rng.choice(sorted(LANGUAGES))
    words = rng.choices(LANGUAGES[name].split(), k=rng.randint(3, 10))
    text = ("" if name in _UNSPACED else " ").join(word.strip() for word in words)
    return text[0].upper() + text[1:] + rng.choice(("", ".", "!", "?"))


def elsewhere(rng: Random) -> str:
    """Return an English sentence on another topic."""
    what, what2 = rng.sample(_WHAT, 2)
    who, did, when = (rng.choice(parts) for parts in (_WHO, _DID, _WHEN))
    text = rng.choice(_SHAPES).format(who=who, did=did, what=what, what2=what2, when=when)
    return text[0].upper() + text[1:] + ("" if text[-1] == "?" else rng.choice(("", ".", "!")))


def run(setting: Setting) -> list[Check]:
    """Check far-away texts with the packaged model."""
    # Of 500, six are more than the goal, and a checker that is wrong about 0.6 % has as many once in a dozen samples.
    half = setting.size(100, 5_000)
    checks = []
    for name, make in (("other languages", foreign), ("English on other topics", elsewhere)):
        rng = setting.rng("far", name)
        texts: dict[str, None] = {}
        while len(texts) < half:
            texts[make(rng)] = None
        sure = 0
        for text in texts:
            said = setting.packaged.check(text)
            if said.label != "uncertain" and said.confidence >= _SURE:
                sure += 1
                setting.log.note(name, text=text, said=f"{said.label} {said.confidence:.2f}")
        checks.append(share(f"{name}: supported or unsupported with confidence ≥ {_SURE}", sure, half, 0.01))
    return checks
