"""Names for runs that nobody named: an adjective, an animal and a number."""

import random

ADJECTIVES = """
able agile amber ample apt avid azure balmy blithe bold brave brisk bright calm candid clever cosy crisp curious
dapper daring deft eager early easy fair fleet fond frank fresh gentle glad golden grand happy hardy honest humble
jolly keen kind lively loyal lucid lucky mellow merry mild neat nimble noble patient placid plucky polite proud quick
quiet ready rosy serene sharp shy silver sincere snug spry steady sunny swift tidy upbeat vivid warm wise witty zesty
"""

ANIMALS = """
alpaca ant badger bat bear beaver bee bison bobcat camel carp cat cicada crab crane cricket crow curlew deer dingo
dolphin dormouse dove duck eagle eel egret elk falcon ferret finch fox frog gazelle gecko gibbon goat goose gull hare
heron hippo ibex ibis jay kestrel kiwi koala lark lemur lion llama lynx magpie marmot marten mole moose moth mouse
newt ocelot octopus okapi orca oriole otter owl panda parrot pika plover puffin quail rabbit raven robin salmon seal
shrew sloth snail sparrow squid stoat stork swan tapir tern toad toucan trout turtle vole walrus weasel whale wolf
wombat wren yak zebra
"""

_SYSTEM = random.SystemRandom()


def run_name(rng: random.Random = _SYSTEM) -> str:
    """A name that is easy to say and to remember; not unique, and not part of what is repeated from a seed.

    >>> run_name(random.Random(0)).count("-")
    2
    """
    return f"{rng.choice(ADJECTIVES.split())}-{rng.choice(ANIMALS.split())}-{rng.randrange(1000)}"
