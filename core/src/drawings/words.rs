//! The sentences that comments and descriptions are made of, in English and Chinese.
//!
//! Both vocabularies are small and closed, so that a small text model can learn them. In sentences
//! `{motif}` is the main motif, `{hues}` colours, `{lines}` kinds of line, `{grain}` what fills
//! surfaces and `{parts}` what the motif has grown.

/// A sentence in English and in Chinese.
pub(super) type Both = [&'static str; 2];

/// What a level of an attribute looks like: nine attributes in order, five levels each.
pub(super) const LEVELS: [[Both; 5]; 9] = [
    [
        ["rough shapes", "形状潦草"],
        ["simple shapes", "形状简单"],
        ["clear shapes", "形状清楚"],
        ["careful shapes", "形状细心"],
        ["real shapes", "形状真实"],
    ],
    [
        ["straight forms", "没有弯曲"],
        ["slightly bent forms", "一点弯曲"],
        ["bent forms", "有些弯曲"],
        ["very bent forms", "很多弯曲"],
        ["twisted forms", "非常弯曲"],
    ],
    [
        ["a single idea", "想法单一"],
        ["few ideas", "想法很少"],
        ["some ideas", "有些想法"],
        ["many ideas", "想法很多"],
        ["a world full of ideas", "想法非常多"],
    ],
    [
        ["hardly any colours", "颜色单一"],
        ["few colours", "颜色很少"],
        ["some colours", "有些颜色"],
        ["many colours", "颜色很多"],
        ["all the colours", "颜色非常多"],
    ],
    [
        ["pale contrast", "对比很浅"],
        ["soft contrast", "对比浅"],
        ["medium contrast", "对比中等"],
        ["clear contrast", "对比清楚"],
        ["strong contrast", "对比强"],
    ],
    [
        ["a single kind of line", "线条单一"],
        ["few kinds of line", "线条很少"],
        ["some kinds of line", "有些线条"],
        ["many kinds of line", "线条很多"],
        ["all kinds of line", "线条非常多"],
    ],
    [
        ["smooth surfaces", "表面平滑"],
        ["slightly rough surfaces", "表面有一点线"],
        ["rough surfaces", "表面有些线"],
        ["very rough surfaces", "表面有很多线"],
        ["dense surfaces", "表面很密"],
    ],
    [
        ["all in a corner", "都在角落"],
        ["far from the middle", "离中间远"],
        ["near the middle", "离中间近"],
        ["almost balanced", "比较平衡"],
        ["balanced", "很平衡"],
    ],
    [
        ["nothing changed", "没有变化"],
        ["slightly changed", "一点变化"],
        ["partly changed", "有些变化"],
        ["very changed", "很多变化"],
        ["changed into something new", "变成新东西"],
    ],
];

/// How a comment begins: what is seen.
pub(super) const SEEN: [Both; 4] = [
    ["I see {motifs} in {hues}.", "我看到{motifs}，有{hues}。"],
    [
        "In your picture there is {motifs}, and you used {hues}.",
        "你的画里有{motifs}，你用了{hues}。",
    ],
    ["You drew {motifs} with {hues}.", "你用{hues}画了{motifs}。"],
    ["Here is {motifs}, and the colours are {hues}.", "这里有{motifs}，颜色是{hues}。"],
];

/// What else is seen where there are wonders.
pub(super) const WONDERS: [Both; 2] = [
    ["I also find {wonders}.", "我还找到{wonders}。"],
    ["You also drew {wonders}.", "你还画了{wonders}。"],
];

/// A strength of each attribute, where its level is high.
pub(super) const STRONG: [[Both; 3]; 9] = [
    [
        [
            "The {motif} looks real, with small parts and shadows.",
            "{motif}看起来很真实，有细小的部分和影子。",
        ],
        [
            "You looked at the {motif} with care, and its shape is right.",
            "你细心看了{motif}，它的形状很对。",
        ],
        ["Light and shadow make the {motif} look round.", "光和影子让{motif}看起来圆圆的。"],
    ],
    [
        [
            "The {motif} bends like a wave, so it seems to dance.",
            "{motif}像波浪一样弯曲，好像在跳舞。",
        ],
        [
            "You pulled the {motif} into a new form, and that is funny.",
            "你把{motif}拉成新的形状，很有趣。",
        ],
        ["The bent lines make the {motif} move.", "弯曲的线让{motif}动起来。"],
    ],
    [
        [
            "So many ideas meet here that I can tell a story.",
            "很多想法在这里见面，我可以讲一个故事。",
        ],
        [
            "You put things together that never meet, and a new world begins.",
            "你把不会见面的东西放在一起，一个新世界开始了。",
        ],
        ["Around the {motif} there is a whole world to find.", "{motif}身边有一个世界可以看。"],
    ],
    [
        ["The many colours make the {motif} shine.", "很多颜色让{motif}发光。"],
        [
            "You used all those colours next to each other, like a rainbow.",
            "你把这些颜色放在一起，像彩虹一样。",
        ],
        ["Each part of the {motif} has a colour of its own.", "{motif}的每个部分都有自己的颜色。"],
    ],
    [
        [
            "Dark and light stand side by side, so the {motif} jumps out.",
            "深色和浅色在一起，{motif}跳了出来。",
        ],
        ["The strong colours show the {motif} from far away.", "强的颜色让人从远处看到{motif}。"],
        ["The dark line around the {motif} makes it clear.", "{motif}身边的深色线让它很清楚。"],
    ],
    [
        ["You used {lines}, and each place feels different.", "你用了{lines}，每个地方都不同。"],
        [
            "With {lines} the space around the {motif} is alive.",
            "有了{lines}，{motif}身边的地方活了。",
        ],
        ["The lines play together: {lines}.", "线条在一起玩：{lines}。"],
    ],
    [
        [
            "The {grain} show how the {motif} feels to the hand.",
            "{grain}让我知道{motif}摸起来怎样。",
        ],
        [
            "You filled the {motif} with {grain}, so it is not flat.",
            "你用{grain}画满{motif}，它不平了。",
        ],
        ["I want to touch the {grain} on the {motif}.", "我想摸一摸{motif}上的{grain}。"],
    ],
    [
        ["The {motif} stands in the middle and the page is full.", "{motif}在中间，纸画满了。"],
        [
            "All things have their place, so my eye finds the {motif} first.",
            "东西都有自己的地方，我先看到{motif}。",
        ],
        ["Left and right are balanced, so the picture is calm.", "左边和右边很平衡，画很安静。"],
    ],
    [
        ["The {motif} has {parts}, so it is something new.", "{motif}有{parts}，它变成了新东西。"],
        ["You changed the {motif}: now it has {parts}.", "你让{motif}变了：它现在有{parts}。"],
        ["I have never seen a {motif} with {parts}.", "我没有见过有{parts}的{motif}。"],
    ],
];

/// A strength of each attribute, where its level is low or in the middle.
pub(super) const MILD: [[Both; 2]; 9] = [
    [
        ["I know the {motif} by its shape.", "我从形状看出这是{motif}。"],
        ["A simple shape is enough to show the {motif}.", "简单的形状也能画出{motif}。"],
    ],
    [
        ["The {motif} has a little bend in it.", "{motif}有一点弯曲。"],
        ["The form of the {motif} stays calm.", "{motif}的形状很安静。"],
    ],
    [
        ["Your idea is easy to find.", "你的想法很容易看出来。"],
        ["You looked for your own idea.", "你找了自己的想法。"],
    ],
    [
        ["The colours go well together.", "颜色放在一起很好看。"],
        ["The colours you used stay together like a family.", "你用的颜色像一家人。"],
    ],
    [
        ["The soft colours feel calm.", "浅的颜色很安静。"],
        ["The colours are soft and light.", "颜色又浅又轻。"],
    ],
    [
        ["The {lines} fill the space around the {motif}.", "{lines}画满{motif}身边的地方。"],
        ["You tried {lines}.", "你试了{lines}。"],
    ],
    [
        ["The surface of the {motif} is clean.", "{motif}的表面很平滑。"],
        ["The surface of the {motif} is easy to see.", "{motif}的表面很清楚。"],
    ],
    [
        ["The {motif} has found its place on the page.", "{motif}在纸上找到了地方。"],
        ["There is space left on the page for more.", "纸上还有地方可以画。"],
    ],
    [
        ["The {motif} stays what it is.", "{motif}还是它自己。"],
        ["The {motif} is easy to know.", "{motif}很容易看出来。"],
    ],
];

/// One thing to try next, for each attribute.
pub(super) const NEXT: [[Both; 3]; 9] = [
    [
        [
            "Next time look at a {motif} and draw its small parts.",
            "下次看一看{motif}，画出细小的部分。",
        ],
        ["Try to close each shape and add light and shadow.", "试一试把形状画好，再画光和影子。"],
        ["Look again: what parts does a {motif} have?", "再看一看：{motif}有什么部分？"],
    ],
    [
        ["Try to bend the {motif} like a wave.", "试一试让{motif}像波浪一样弯曲。"],
        ["What if you pull the {motif} long and twist it?", "把{motif}拉长、弯曲会怎样？"],
        ["Next time let the {motif} dance in the wind.", "下次让{motif}在风里跳舞。"],
    ],
    [
        ["What could the {motif} meet? Draw it too.", "{motif}会见到什么？把它也画出来。"],
        ["Next time add a thing that comes from a dream.", "下次画一个从梦里来的东西。"],
        ["Tell a story around the {motif}.", "给{motif}讲一个故事。"],
    ],
    [
        ["Try a colour you have not used yet.", "试一试你没有用的颜色。"],
        [
            "Next time give each part of the {motif} a new colour.",
            "下次给{motif}的每个部分一个新颜色。",
        ],
        ["Mix more colours into the sky and the ground.", "在天上和地上用更多颜色。"],
    ],
    [
        ["Press more, so that dark stands next to light.", "再用力一点，让深色在浅色身边。"],
        ["Try a dark line around the {motif}.", "试一试在{motif}身边画深色的线。"],
        ["Next time use a strong colour for the {motif}.", "下次给{motif}用强的颜色。"],
    ],
    [
        ["Try one more kind of line, like zigzags or spirals.", "再试一种线条，像折线、螺线。"],
        ["Fill an empty space with waves or dots.", "用波浪线、点画满空的地方。"],
        ["Next time let different lines play together.", "下次让不同的线条在一起玩。"],
    ],
    [
        [
            "Fill the {motif} with small strokes to show its surface.",
            "用短线画满{motif}，画出它的表面。",
        ],
        ["How does a {motif} feel? Draw that with lines.", "{motif}摸起来怎样？用线画出来。"],
        ["Next time try fur or scales on the {motif}.", "下次试一试在{motif}上画绒毛、鳞片。"],
    ],
    [
        [
            "Use the whole page and put the {motif} in the middle.",
            "用上一张纸，把{motif}放在中间。",
        ],
        [
            "Next time draw the {motif} larger, away from the corner.",
            "下次把{motif}画大，离角落远一点。",
        ],
        ["Turn the page and fill the empty side.", "看一看空的一边，把它画满。"],
    ],
    [
        ["What if the {motif} had wings or wheels?", "{motif}有翅膀、车轮会怎样？"],
        ["Try to turn the {motif} into something new.", "试一试让{motif}变成新东西。"],
        ["Next time give the {motif} a part of an animal.", "下次给{motif}画上动物的部分。"],
    ],
];
