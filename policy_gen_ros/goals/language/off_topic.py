# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Sentences that ask for no behaviour at all.

With the captions of an archive they teach a generator to tell a text about behaviour from one that
is not (``training.coverage``). They are never goals in training.
"""

from __future__ import annotations


def _sentences(joined: str) -> tuple[str, ...]:
    return tuple(joined.split('|'))


OFF_TOPIC = _sentences(
    'the weather is nice today|it will rain tomorrow|buy milk and eggs|what time is it|'
    'how are you|hello|thank you very much|good morning everyone|my name is Anna|'
    'tell me a joke|what is the capital of France|the train to Berlin is late|I am hungry|'
    'order a pizza with mushrooms|turn off the lights|play some music|set an alarm for seven|'
    'send an email to my boss|remind me to call the dentist|open the window, please|'
    'close the door|asdf qwer zxcv|lorem ipsum dolor sit amet|qwertyuiop|xxx yyy zzz|'
    'blah blah blah|foo bar baz|1 2 3 test|aaaaaaaa|hjkl uiop bnm|the|yes|no|maybe later|ok|'
    'nothing|whatever you like|anything|do something|do your thing|surprise me|what can you do|'
    'who made you|how old are you|are you a real dog|I like dogs|cats are better than dogs|'
    'a dog|the robot is gray|nice robot|good boy|bad dog|your battery is almost empty|'
    'how full is your battery|charge yourself|connect to the network|restart the computer|'
    'shut down now|update the firmware|take a picture|record a video of the room|'
    'open the gripper|pick up the cup|bring me a beer|fetch the ball|find my keys|'
    'guard the house|bark loudly|wag your tail|sit|sit down|lie down|roll over|'
    'give me your paw|play dead|stay|stop|wait here|stand still|do nothing|climb the stairs|'
    'open the fridge|follow me to the kitchen|go home|come here|go to the charging station|'
    'meet me at the station at five|look at the wall|say hello to the guests|sing a song|'
    'paint the fence|wash the dishes|the cake is in the oven|'
    'boil the potatoes for twenty minutes|add a pinch of salt|she reads a book every evening|'
    'he plays the piano|the children are at school|my grandmother lives in Spain|'
    'we went to the cinema yesterday|the film was too long|the stock market fell sharply|'
    'prices rise slowly|inflation is high this year|the company reported strong growth|'
    'the election is on Sunday|the president gave a speech|football is on television|'
    'our team lost again|the river is deep and wide|mountains are covered in snow|'
    'the moon is full tonight|stars shine at night|trees lose their leaves in autumn|'
    'the cat sleeps on the sofa|birds sing in the garden|fish live in water|a horse eats hay|'
    'camels store fat in their humps|rabbits live in burrows|gazelles live in Africa|'
    'the kangaroo is a marsupial|the car is fast|drive the car to the garage|'
    'the bus goes to the airport|a plane takes off|the ship sails at noon|'
    'run the program again|walk me through the contract|step one: read the manual|'
    'jump to the last chapter|keep pace with the times|a leap year has 366 days|'
    'the bound book is on the shelf|he is bound by law|the pace of change is high|'
    'a steady hand|the legs of the table are broken|put your best foot forward|back in time|'
    'turn the page|turn the volume down|raise the price|lower the temperature|speed dating|'
    'high hopes|low budget|the quick brown fox|the left wing of the museum|right and wrong|'
    'the front of the house|the body of the letter|import numpy as np|print hello world|'
    'def main return zero|select all from users|segmentation fault core dumped|'
    'the integral of x squared|two plus two is four|the theorem is proved by induction|'
    'photosynthesis needs light|water boils at one hundred degrees|the heart pumps blood|'
    'take two pills a day|the doctor will see you now|where is the bathroom|'
    'how much does it cost|I would like a coffee|the bill, please|happy birthday|'
    'merry christmas|I love you|life is short|to be or not to be|knowledge is power|'
    'das Wetter ist schön|bonjour, comment allez-vous|hola amigo|guten Morgen|the sofa is blue|'
    'a red apple|ten green bottles|my phone is broken|the internet is down|this is a test|'
    'please help me|explain quantum mechanics|write a poem about love|translate this sentence|'
    'summarize the article|what do you think|a fast car|the slow lane of the highway|'
    'a jump in temperature|the jump cut in the film|running costs|a running joke|'
    'the race for mayor|his career took off|stepping down as chairman|'
    'the first step is to register|follow the steps in the manual|walk-in closet|'
    'a walking encyclopedia|the walls are high|low fat milk|the low point of the season|'
    'a high school teacher|a quick question|a quick lunch|the rhythm section of the band|'
    'heart rate monitor|interest rate|frame rate|phase of the moon|phase two of the trial|'
    'a spring day|hot springs|the foot of the bed|legs of chicken|back pain|front page news|'
    'the left party won|turn on the radio|it is your turn|return the book|curve fitting|'
    'the circle line|spin class|drag and drop the file|leap of faith|hop on a plane to Rome|'
    'bounce rate of the website|bound variables|outward bound course|camel hair coat|'
    'a rabbit stew|cat food|the tiger is endangered|ground coffee|contact the support team|'
    'contact lenses|body lotion|body language|tempo of economic growth|crawl the web|'
    'creep of scope|tall buildings|stretch goals|move the meeting to Tuesday|'
    'move to another city|let us go with option B|go ahead and book it|come back tomorrow|'
    'travel insurance|pass the salt')
"""Sentences that say nothing about gait, many of them with words that could."""
