/* problem_words.c - names and things. */
#include "game/problem_scenes.h"

const char *const pvi_names_she[] = {
    "Ada",   "Alma",  "Amina", "Anna",  "Bella", "Carla", "Chloe", "Clara", "Diana", "Elena", "Emma",  "Eva",
    "Fatima", "Grace", "Hana",  "Ines",  "Iris",  "Julia", "Kira",  "Laura", "Leila", "Lucy",  "Maria", "Mei",
    "Mia",   "Nadia", "Nina",  "Nora",  "Olga",  "Paula", "Priya", "Rosa",  "Ruth",  "Sara",  "Sofia", "Tara",
    "Vera",  "Yuki",  "Zoe",   NULL};

const char *const pvi_names_he[] = {
    "Adam",  "Ahmed", "Anton", "Ben",   "Boris", "Carlos", "Daniel", "David", "Diego", "Emil",  "Erik",  "Felix",
    "Frank", "George", "Hugo", "Ivan",  "Jack",  "Jacob",  "James",  "Jonas", "Karl",  "Kenji", "Leo",   "Liam",
    "Lucas", "Marco", "Mateo", "Miguel", "Nathan", "Oliver", "Omar", "Oscar", "Pavel", "Peter", "Rafael", "Ravi",
    "Samuel", "Simon", "Theo", "Tom",   "Victor", NULL};

const pvi_noun pvi_things[] = {
    {"acorn", "acorns"},           {"apple", "apples"},             {"badge", "badges"},
    {"balloon", "balloons"},       {"basket", "baskets"},           {"bead", "beads"},
    {"bell", "bells"},             {"blanket", "blankets"},         {"bookmark", "bookmarks"},
    {"bottle", "bottles"},         {"bracelet", "bracelets"},       {"brush", "brushes"},
    {"button", "buttons"},         {"candle", "candles"},           {"carrot", "carrots"},
    {"cherry", "cherries"},        {"chestnut", "chestnuts"},       {"coconut", "coconuts"},
    {"coin", "coins"},             {"comic book", "comic books"},   {"crayon", "crayons"},
    {"crystal", "crystals"},       {"cup", "cups"},                 {"doll", "dolls"},
    {"egg", "eggs"},               {"envelope", "envelopes"},       {"eraser", "erasers"},
    {"feather", "feathers"},       {"fossil", "fossils"},           {"hat", "hats"},
    {"jar", "jars"},               {"key ring", "key rings"},       {"kite", "kites"},
    {"leaf", "leaves"},            {"lemon", "lemons"},             {"magnet", "magnets"},
    {"mango", "mangoes"},          {"map", "maps"},                 {"marble", "marbles"},
    {"mug", "mugs"},               {"notebook", "notebooks"},       {"orange", "oranges"},
    {"paper crane", "paper cranes"}, {"peach", "peaches"},          {"pear", "pears"},
    {"pebble", "pebbles"},         {"pen", "pens"},                 {"pencil", "pencils"},
    {"photo", "photos"},           {"pillow", "pillows"},           {"pine cone", "pine cones"},
    {"plate", "plates"},           {"plum", "plums"},               {"postcard", "postcards"},
    {"poster", "posters"},         {"potato", "potatoes"},          {"puzzle", "puzzles"},
    {"ribbon", "ribbons"},         {"scarf", "scarves"},            {"seashell", "seashells"},
    {"spoon", "spoons"},           {"stamp", "stamps"},             {"sticker", "stickers"},
    {"toy boat", "toy boats"},     {"toy car", "toy cars"},         {"trading card", "trading cards"},
    {"walnut", "walnuts"},         {"watch", "watches"},            {"whistle", "whistles"},
    {"wooden block", "wooden blocks"}, {NULL, NULL}};
