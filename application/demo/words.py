"""What the example platform talks about: genres, each with its subjects, themes and ways to put a title."""

import msgspec


class Genre(msgspec.Struct, frozen=True):
    """What videos of a genre are about; titles hold ``{subject}`` and ``{number}``."""

    name: str
    subjects: tuple[str, ...]
    themes: tuple[str, ...]
    titles: tuple[str, ...]
    tones: tuple[str, ...]


GENRES = (
    Genre(
        name="cooking",
        subjects=("sourdough", "flatbread", "ramen", "pickles", "dumplings", "lentil stew", "rice", "plum cake"),
        themes=("baking", "street food", "fermentation", "one pot", "leftovers", "knife skills"),
        titles=(
            "{subject} in {number} minutes",
            "Why your {subject} goes wrong",
            "{subject}, {number} ways",
            "The {subject} my neighbour taught me",
        ),
        tones=("warm", "funny", "calm"),
    ),
    Genre(
        name="science",
        subjects=("tides", "black ice", "moss", "echoes", "lightning", "magnets", "whirlpools", "starlight"),
        themes=("physics", "biology", "weather", "space", "home experiments", "measurement"),
        titles=(
            "What {subject} can teach us",
            "{number} questions about {subject}",
            "I measured {subject} for {number} days",
            "{subject}, explained with paper",
        ),
        tones=("curious", "serious", "funny"),
    ),
    Genre(
        name="travel",
        subjects=(
            "night trains",
            "ferry towns",
            "mountain huts",
            "salt flats",
            "old canals",
            "desert roads",
            "islands",
        ),
        themes=("by rail", "on foot", "on a budget", "winter", "maps", "small towns"),
        titles=(
            "{number} days among {subject}",
            "{subject} without a plan",
            "A slow look at {subject}",
            "What nobody says about {subject}",
        ),
        tones=("calm", "warm", "curious"),
    ),
    Genre(
        name="gaming",
        subjects=(
            "the ice level",
            "castle runs",
            "card decks",
            "farm builds",
            "puzzle rooms",
            "drift races",
            "boss fights",
        ),
        themes=("speedrun", "strategy", "co-op", "retro", "building", "challenge"),
        titles=(
            "{subject} with {number} lives",
            "{number} tricks for {subject}",
            "We finally beat {subject}",
            "{subject}, but everything is upside down",
        ),
        tones=("excited", "funny", "dry"),
    ),
    Genre(
        name="fitness",
        subjects=(
            "morning stretches",
            "hill runs",
            "kettlebells",
            "handstands",
            "cold swims",
            "long walks",
            "rope work",
        ),
        themes=("at home", "strength", "mobility", "running", "recovery", "beginners"),
        titles=(
            "{number} minutes of {subject}",
            "{subject} for people who sit",
            "I did {subject} for {number} days",
            "The quiet power of {subject}",
        ),
        tones=("excited", "warm", "serious"),
    ),
    Genre(
        name="music",
        subjects=("bass lines", "tape loops", "choir chords", "drum breaks", "street organs", "guitar tunings"),
        themes=("live", "theory", "home studio", "covers", "rhythm", "instruments"),
        titles=(
            "{subject} from nothing",
            "{number} {subject} you already know",
            "One room, one take: {subject}",
            "Why {subject} make us move",
        ),
        tones=("calm", "excited", "curious"),
    ),
    Genre(
        name="comedy",
        subjects=("office meetings", "family dinners", "moving house", "bus queues", "small talk", "bad umbrellas"),
        themes=("sketch", "observations", "wordplay", "improv", "everyday", "animals"),
        titles=(
            "{subject}, honestly",
            "If {subject} had a narrator",
            "{number} kinds of people at {subject}",
            "{subject} at double speed",
        ),
        tones=("funny", "dry", "excited"),
    ),
    Genre(
        name="craft",
        subjects=("wooden spoons", "bookbinding", "clay bowls", "knitted hats", "paper kites", "leather straps"),
        themes=("woodwork", "pottery", "textile", "repair", "tools", "gifts"),
        titles=(
            "{subject} with {number} tools",
            "My first {subject} after {number} failures",
            "Repairing old {subject}",
            "{subject} from scrap",
        ),
        tones=("calm", "warm", "dry"),
    ),
)

PACINGS = ("slow", "steady", "quick")
HOOKS = ("question", "cold open", "result first", "countdown", "story")
STYLES = ("talking head", "hands only", "screen and voice", "documentary", "collage")
LANGUAGES = (("en", 12), ("es", 3), ("pt", 2), ("de", 2), ("fi", 1))
COUNTRIES = (("US", 8), ("GB", 3), ("BR", 3), ("DE", 3), ("ES", 2), ("MX", 2), ("FI", 1), ("IN", 4))
DEVICES = (("phone", 7), ("desktop", 2), ("tablet", 1), ("tv", 1))
SYSTEMS = {"phone": "android", "desktop": "linux", "tablet": "ios", "tv": "tvos"}
SOURCES = (("search", 4), ("friend", 3), ("shared link", 2), ("advertisement", 1))

ADJECTIVES = ("quiet", "amber", "brisk", "velvet", "northern", "paper", "copper", "lucky", "distant", "gentle", "bold")
CREATURES = ("heron", "otter", "lantern", "comet", "badger", "maple", "sparrow", "kettle", "harbour", "pebble", "fox")

OPENINGS = {
    "warm": "Come and sit down for this one",
    "funny": "Nobody was hurt, only embarrassed",
    "calm": "Take a breath and watch it happen",
    "curious": "It began with a question nobody could answer",
    "serious": "Here is what we know, and how we know it",
    "excited": "This is the one you have been asking for",
    "dry": "As usual, it went exactly as planned",
}
CLOSINGS = (
    "All the steps are at the end.",
    "Tell me below what you would try next.",
    "Filmed in one afternoon, edited in three.",
    "The long version comes next week.",
)
