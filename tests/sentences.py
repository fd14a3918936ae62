"""Sentences in many languages, written for the tests and the benchmarks."""

SENTENCES = {
    "English": "She said “hello” to the café owner — it’s a naïve plan, isn’t it? 🔥",
    "French": "L’été dernier, nous avons mangé des crêpes à la plage, où le goût était délicieux.",
    "German": "Die Bäckerei über der Straße öffnet früh und verkauft süße Brötchen für alle Gäste.",
    "Spanish": "Mañana por la mañana, el niño comerá una piña y también beberá un café según la costumbre.",
    "Polish": "Zażółć gęślą jaźń, powiedział żółw, gdy świeciło słońce nad łąką i rzeką.",
    "Czech": "Příliš žluťoučký kůň úpěl ďábelské ódy, když večer zavřel dveře do stáje.",
    "Turkish": "Güzel bir gün için çay içmeye gidiyoruz, çünkü şehir ışıkları çok parlak görünüyor.",
    "Vietnamese": "Hôm nay trời đẹp, chúng tôi đi dạo trong công viên và uống cà phê với bạn bè.",
    "Russian": "Сегодня утром мы пошли гулять в парк, потому что погода была очень хорошая.",
    "Ukrainian": "Сьогодні вранці ми пішли гуляти до парку, бо погода була дуже гарною, і їжак спав.",
    "Greek": "Σήμερα το πρωί πήγαμε μια βόλτα στο πάρκο, γιατί ο καιρός ήταν πολύ καλός.",
    "Hebrew": "הבוקר הלכנו לטייל בפארק כי מזג האוויר היה יפה מאוד והשמש זרחה.",
    "Arabic": "ذهبنا هذا الصباح في نزهة إلى الحديقة لأن الطقس كان جميلا جدا.",
    "Hindi": "आज सुबह हम पार्क में घूमने गए क्योंकि मौसम बहुत अच्छा था।",
    "Thai": "เช้านี้เราไปเดินเล่นในสวนสาธารณะเพราะอากาศดีมาก",
    "Chinese": "今天早上我们去公园散步，因为天气非常好。",
    "Japanese": "今朝は天気がとても良かったので、公園を散歩しました。",
    "Korean": "오늘 아침 날씨가 아주 좋아서 공원을 산책했습니다.",
    "Georgian": "დღეს დილით პარკში სასეირნოდ წავედით, რადგან კარგი ამინდი იყო.",
}
