"""Texts in which the lines of interfaces are content, in several languages and genres. Nothing of them may be removed."""

# ruff: noqa: E501 (a paragraph is one line, and has to be long)

import pyarrow as pa
import pytest

from corpusmill.transforms.kernels.boilerplate import strip_column
from tests.transforms.kernels.boilerplate.test_strip import ARTICLE, DEFAULT

EN = [
    "The ferry to the outer islands leaves at seven in the morning, and whoever misses it has to wait for the next day.",
    "In winter the crossing takes two hours longer, because the captain keeps to the lee of the land all the way out.",
    "The crew know every passenger by name, and they carry the post, the bread and the coffins without any difference.",
]
DE = [
    "Die Fähre zu den äußeren Inseln legt um sieben Uhr morgens ab, und wer sie verpasst, der wartet bis zum nächsten Tag.",
    "Im Winter dauert die Überfahrt zwei Stunden länger, weil der Kapitän dann dicht unter der Küste bleibt und langsam fährt.",
]
FR = [
    "Le bac pour les îles du large part à sept heures du matin, et celui qui le manque doit attendre jusqu'au lendemain.",
    "En hiver la traversée dure deux heures de plus, car le capitaine reste alors à l'abri de la côte pendant tout le trajet.",
]
ES = [
    "El transbordador de las islas sale a las siete de la mañana, y quien lo pierde tiene que esperar hasta el día siguiente.",
    "En invierno la travesía dura dos horas más, porque el capitán navega entonces al abrigo de la costa durante todo el viaje.",
]
RU = [
    "Паром на дальние острова уходит в семь часов утра, и тот, кто на него опоздает, должен ждать до следующего дня на пристани.",
    "Зимой переправа длится на два часа дольше, потому что капитан держится тогда под берегом и идёт очень медленно до конца.",
]
JA = [
    "沖の島々へ渡る船は朝の七時に港を出るので、それに乗り遅れた者は次の日まで待たなければならないと船員たちはいつも言っている。"
]
ZH = ["开往外岛的渡轮每天早上七点钟从码头出发，错过这班船的人只好在岸边的小旅馆里住上一夜，等到第二天早晨才能动身。"]
KO = [
    "먼 섬으로 가는 배는 아침 일곱 시에 항구를 떠나며, 그 배를 놓친 사람은 다음 날까지 부두의 작은 여관에서 기다려야 한다."
]
AR = [
    "تغادر العبارة المتجهة إلى الجزر البعيدة في السابعة صباحا، ومن تفوته ينتظر حتى اليوم التالي في النزل الصغير عند الرصيف."
]
PT = [
    "A barca para as ilhas de fora parte às sete da manhã, e quem a perde tem de esperar até ao dia seguinte na pensão do cais."
]
TR = [
    "Uzak adalara giden vapur sabah saat yedide kalkar, onu kaçıran ise ertesi güne kadar iskeledeki küçük handa bekler durur."
]

POEMS = {
    "refrain of two words": [
        "If someone asks how winter goes,",
        "Like this.",
        "If someone asks how summer grows,",
        "Like this.",
        "If someone asks me what I know,",
        "Like this.",
        "Of all the tides that come and go,",
        "Like this.",
    ],
    "refrain without a stop": [
        "The oar is long, the oar is grey",
        "Share",
        "The bread is hard, the road is clay",
        "Share",
        "The night is old, the moon is thin",
        "Share",
        "The door is shut, then let him in",
        "Share",
    ],
    "two refrains": [
        "Follow",
        "the furrow, the gull and the plough",
        "Like",
        "the hand that has known it till now",
        "Follow",
        "the lantern, the mast and the star",
        "Like",
        "the ones who have come from afar",
        "Follow",
        "the river, and do not ask how",
        "Like",
        "the leaf when it falls from the bough",
    ],
    "litany": [*(part for line in EN for part in (line, "Respond")), EN[0]],
    "litania": [*(part for line in ES * 2 for part in (line, "Responder"))],
    "litanie": [*(part for line in FR * 2 for part in (line, "Répondre"))],
    "Wechselgesang": [*(part for line in DE * 2 for part in (line, "Antworten"))],
    "молитва": [*(part for line in RU * 2 for part in (line, "Ответить"))],
    "問答": [*(part for line in JA * 4 for part in (line, "返信"))],
    "问答": [*(part for line in ZH * 4 for part in (line, "回复"))],
    "song with its own chorus": ["Comment", "on dit la mer", "Comment", "on dit le vent", "Comment", "on dit hier"],
}

VOCABULARY = {
    "en": [
        EN[0],
        "Write one sentence with each of these words.",
        "Share",
        "Reply",
        "Comment",
        "Search",
        "Home",
        "Log in",
    ],
    "de": [
        DE[0],
        "Bilde einen Satz mit jedem Wort.",
        "Teilen",
        "Antworten",
        "Suche",
        "Startseite",
        "Anmelden",
        "Drucken",
    ],
    "fr": [FR[0], "Faites une phrase avec chaque mot.", "Partager", "Répondre", "Accueil", "Rechercher", "Connexion"],
    "es": [ES[0], "Escribe una frase con cada palabra.", "Compartir", "Responder", "Comentarios", "Inicio", "Buscar"],
    "pt": [
        PT[0],
        "Escreva uma frase com cada palavra.",
        "Partilhar",
        "Responder",
        "Comentários",
        "Início",
        "Pesquisar",
    ],
    "ru": [RU[0], "Составьте предложения с этими словами.", "Поделиться", "Ответить", "Комментарии", "Поиск", "Архив"],
    "tr": [TR[0], "Her kelimeyle bir cümle kurun.", "Paylaş", "Yanıtla", "Ara", "Ana Sayfa", "Yorumlar", "Etiketler"],
    "ar": [AR[0], "ضع كل كلمة في جملة مفيدة.", "شارك", "رد", "بحث", "الرئيسية", "تسجيل", "طباعة"],
    "ja": [JA[0], "次の言葉を使って文を作りなさい。", "共有", "返信", "検索", "コメント", "カテゴリー", "保存"],
    "zh": [ZH[0], "请用下列词语造句。", "分享", "回复", "收藏", "评论", "登录", "首页"],
    "ko": [KO[0], "다음 낱말로 문장을 만드세요.", "공유", "댓글", "검색", "신고", "로그인", "인쇄"],
    "announced": [EN[0], "The form shows these labels:", "Leave a Reply", "Name", "Email", "Website", "Post Comment"],
    "pages of a site": [EN[0], "Four pages are enough:", "Home", "About", "Contact", "Privacy Policy"],
}

CODE = {
    "tutorial on R": [
        "Reading tables into R",
        *EN,
        "Categories",
        "x <- factor(c('a', 'b', 'a'))",
        "levels(x)",
        '[1] "a" "b"',
        "Search",
        "grep('a', names(x))",
        "which(x == 'a')",
        "Comments",
        "# this is one",
        "Links",
        "url <- 'https://a.example'",
        "Help",
        "?read.table",
        "More",
    ],
    "usage lines": ["NAME", "cat", "SYNOPSIS", "moor -? | -h | -help", "DESCRIPTION", EN[0]],
    "usage with long options": [EN[0], "moor [--search | --help | --home]", "moor <home|search|contact>", EN[1]],
    "grammar": [EN[0], "value ::= home | contact | search | help", "list = next | previous | search", EN[1]],
    "menus of a program": [EN[0], "File | Edit | View | Search | Help", "Open | Save | Print | Send | Close"],
    "Menüs eines Programms": [DE[0], "Datei | Bearbeiten | Suche | Hilfe", DE[1]],
    "buttons of a page in a tutorial": [
        EN[0],
        "Please enable JavaScript to view the comments.",
        "The sentence above is what browsers without scripts show, and the page goes on without the comments below it.",
    ],
    "requests": [EN[0], "Edit", EN[1], "Delete", EN[2], "Edit", EN[0], "Delete", EN[1]],
    "links of a reference": [
        EN[0],
        "- [Facebook](https://a.example/f)",
        "- [Twitter](https://a.example/t)",
        "- [LinkedIn](https://a.example/l)",
        EN[1],
    ],
    "contents of a readme": [EN[0], "- [Home](#home)", "- [Search](#search)", "- [Contact](#contact)", EN[1], EN[2]],
    "code in fences": [
        EN[0],
        "```html",
        "Skip to content",
        "Home | About | Contact",
        "Get link",
        "Facebook",
        "X",
        "Pinterest",
        "Email",
        "```",
        EN[1],
        "~~~",
        "Leave a Reply",
        "Post Comment",
        "Read more: The gulls of the north",
        "~~~",
    ],
    "links of a readme at its end": [
        "# Nets",
        EN[0],
        "## Links",
        "- [Home](https://a.example)",
        "- [Contact](https://a.example/c)",
        "- [Login](/l)",
    ],
    "links that a text announces": [EN[0], "See:", "- [Home](/)", "- [Contact](/c)", "- [Sitemap](/s)"],
    "code with brackets": [EN[0], "table[share](x)", "[reply](int n) { return n; }", EN[1]],
}

PATHS_AND_ROWS = {
    "entries named in a short text": ["Menus", "Four names are enough:", "Home", "About", "Boats", "Contact", EN[0]],
    "entries after a sentence": [
        "Menus",
        "Nobody reads more than four names.",
        "Home",
        "About",
        "Boats",
        "Contact",
        EN[0],
    ],
    "path in the text": [EN[0], "Home > Boats > Ropes", EN[1]],
    "path at the end": [EN[0], EN[1], "Home > Boats > Ropes"],
    "Pfad": [DE[0], "Startseite > Boote > Leinen", DE[1]],
    "arrows": [EN[0], "Rain > Flood > Mud > Roads", EN[1]],
    "words in three languages": [EN[0], "Home | Accueil | Startseite", "Contact | Contact | Kontakt", EN[1]],
    "table of Markdown": ["| Share | Reply | Key |", "|---|---|---|", "| Home | Contact | H |", EN[0]],
    "chords": ["Verse 1", "Am | F | C | G", EN[0], "Am | F | C | G", EN[1]],
    "days": [EN[0], "Mon | Tue | Thu | Fri | Sat | Sun", EN[1]],
    "cities": [EN[0], "London | Paris | Berlin | Rome | Madrid"],
    "sections of a newspaper": [EN[0], "News | Business | Opinion | Sports | Weather", EN[1]],
    "timetable": [EN[0], "07:00 | Harbour | 09:00 | Home island", "16:00 | Home island | 18:00 | Harbour", EN[1]],
}

SLOTS = {
    "captions of a catalogue": [
        EN[0], "Photo: Jane Doe", "The bridge in winter", "Photo: Tom Roe", "The last ferry", EN[1],
    ],
    "fields of a form": ["Name: Ann Roe", "Photo: Attached", "Source: Village Office", "Editor: Tom Roe", EN[0]],
    "card of a library": [ES[0], "Título: Las redes", "Autor: Ana Ro", "Temas: mar, pesca", "Fuente: Archivo Municipal"],
    "citation": [EN[0], "Read more: Roe (1990), Doe (2001)", EN[1]],
    "long fields": [
        "Description: an oak table of the last century, with two drawers and a mark of fire on the left hand side of the top",
        "Photo: None",
        "Condition: good for its age, although one of the legs was mended in the sixties by a joiner from the next village",
    ],
    "a sentence": [EN[0], "Read more: it is the only cure for ignorance, she said.", EN[1]],
    "rule of life": ["Sleep well", "Read more: Twenty pages a day", "Walk to work", "Eat less bread"],
    "glossary": [EN[0], "Related: tide, ebb, flood", EN[1], "Related: rope, line", EN[2]],
    "manual": ["tidy(1)", EN[0], "Related: sort(1), uniq(1)", EN[1]],
    "a caption that tells": [EN[0], "Photo: the lighthouse as it was seen from the pier in the year of the flood", EN[1]],
    "said in a play": [EN[0], "Editor: Stop the presses", "Reporter: Too late", EN[1]],
    "tags in a tutorial": [EN[0], "Tags: the first word of every record", EN[1], EN[2]],
    "Quelle im Text": [DE[0], "Quelle: Stadtarchiv", DE[1]],
    "источник": [RU[0], "Источник: Летопись", RU[1]],
    "article of a law": [
        "Article 12", EN[0], "Related Articles", "Article 5", "Article 9", "Article 31",
    ],
    "exercise": [EN[0], "Lesen Sie auch", "Seite 12", "Seite 14", EN[1]],
    "announced reading": [EN[0], "For the next lesson:", "Lesen Sie auch", "Die Fähre zu den Inseln", EN[1]],
}  # fmt: skip

NOTICES = {
    "law": ["Article 1", EN[0], "Article 2", EN[1], "All rights reserved"],
    "items of a law": [EN[0], "(a) an act of 1998;", "(b) an order made in 2001;", "(c) 2004 and later amendments"],
    "name of an act": [EN[0], EN[1], "Copyright Act 1968"],
    "when it ended": [EN[0], EN[1], "The copyright of the chart expired in 1998 with the death of its maker"],
    "licence": ["License", "Copyright 2012 The authors of the chart"],
    "cookie ruling": [
        EN[0],
        "We use cookies",
        "This sentence alone, the judges wrote, does not tell of cookies.",
        EN[1],
    ],
    "history of an error": ["404 Not Found", EN[0], EN[1]],
}

GENRES = {
    "dialogue": [EN[0], '"Share."', '"With whom?"', '"Reply?"', '"Delete."', EN[1]],
    "interview": ["ANN: Home?", EN[0], "BERT: No comments.", EN[1], "ANN: Next.", EN[2]],
    "recipe": ["Apple pie", "Ingredients", "6 apples", "200 g flour", "Print", "100 g butter", EN[0], "Save", "Enjoy!"],
    "Rezept": ["Hefezopf", "Zutaten", "500 g Mehl", "Teilen", DE[0], "Drucken", DE[1]],
    "chat log": ["<ann> share", "<bert> like", "<ann> reply", "<bert> home", EN[0]],
    "schedule": ["Monday", "Search", "Tuesday", "Help", "Wednesday", "Home", "Thursday", "Contact", EN[0]],
    "counts in a table": [
        EN[0],
        "The bridge",
        "12,310 shares",
        "The ferry",
        "9,204 shares",
        "The pier",
        "7,118 shares",
    ],
    "contents of a book": ["Contents", "Archive", "Categories", "Comments", "Links", "Search", EN[0], EN[1]],
    "actions of a game": [EN[0], "Save", "Share", "Report", "Reply", "Follow"],
    "steps on a screen": [EN[0], "1. Sign in", "2. Share", "3. Copy link", "4. Log out", EN[1]],
    "button names in a manual": [
        "Press Share to open the list of people, and press Copy link to send the address of the folder to somebody else.",
        "Share",
        "Copy link",
        "Print",
        "Each of these buttons closes the window, and Print also asks for the number of copies and the size of the sheet.",
    ],
    "FAQ": ["How often does the ferry run?", "Antworten", DE[0], "Wer darf mitfahren?", "Antworten", DE[1]],
    "advertisement as a subject": ["Advertisement", EN[0], EN[1], EN[2]],
    "speakers": ["MODERATOR:", EN[0], "SMITH:", "Thank you.", "MODERATOR:", EN[1], "SMITH:", "No comment."],
    "languages": [EN[0], "Afrikaans", "Albanian", "Arabic", "Armenian", "Basque", "Belarusian", EN[1]],
    "words on doors": ["Home", "is where the kettle sings", "Contact", "is what the blind man brings", EN[0]],
    "minutes of a meeting": ["Present: Ann, Bert", EN[0], "Next", EN[1], "Comments", EN[2], "Previous", EN[0]],
    "topic on privacy": ["Privacy Policy", EN[0], "Cookies", EN[1], "Contact", EN[2]],
}

EVERY = {
    f"{group}: {name}": lines
    for group, texts in {
        "poem": POEMS, "words": VOCABULARY, "code": CODE, "row": PATHS_AND_ROWS, "slot": SLOTS, "notice": NOTICES,
        "genre": GENRES,
    }.items()
    for name, lines in texts.items()
}  # fmt: skip


@pytest.mark.parametrize("separator", ["\n", "\n\n"], ids=["close", "open"])
@pytest.mark.parametrize("name", EVERY)
def test_a_sound_text_stays_as_it_is(name: str, separator: str) -> None:
    text = separator.join(EVERY[name])
    result = strip_column(pa.array([text]), DEFAULT)
    assert ([line[1:] for line in result.removed], result.filtered) == ([], {})
    assert result.text[0].as_py() == text


@pytest.mark.parametrize("text", ["404", "12.05.2020", "2024-01-31", "500", "3", "17:45", "Error 7 of 12: tide"])
def test_a_number_or_a_date_is_no_error_page(text: str) -> None:
    assert strip_column(pa.array([text]), DEFAULT).filtered == {}


def test_the_same_lines_go_where_they_are_the_sites() -> None:
    tail = ["Share", "Facebook", "Twitter", "Leave a Reply", "Related Articles", "The gulls of the north", "Fog again"]
    assert strip_column(pa.array(["\n".join([*ARTICLE, *tail])]), DEFAULT).text[0].as_py() == "\n".join(ARTICLE)
