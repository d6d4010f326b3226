/** The help inside the window, one topic per place. */
export const help: readonly { readonly page: string; readonly title: string; readonly text: readonly string[] }[] = [
  {
    page: "home",
    title: "What Saccade is for",
    text: [
      "An event camera reports changes of brightness, pixel by pixel, with microsecond times: ON for brighter, OFF for darker. Saccade records such streams, cuts and labels clips, trains a spiking network on them, and shows its answers live.",
      "Everything stays on this computer, in a project folder that can be read without the application.",
    ],
  },
  {
    page: "capture",
    title: "Record clips",
    text: [
      "Choose a camera. A virtual camera needs no hardware; what it shows is drawn or replayed and is marked as virtual wherever it appears.",
      "Hold the number of a class to record while it is held, tap it for a take of fixed length, hold Shift to keep the second before as well. Backspace removes the last take; undo brings it back.",
      "R records without a class until it is pressed again.",
      "“Connect a camera” (in the palette, on Home and here) says what a camera lacks and what to do. One that was unplugged opens again when it is back.",
      "The settings of a sensor can be searched, set back one by one and kept under a name. “Use its camera settings”, in the information of a recording, sets the camera as it was then.",
    ],
  },
  {
    page: "library",
    title: "Play and label",
    text: [
      "Drop event files or folders anywhere in the window; their content decides what they are. Originals are never changed. What a file does not say (sensor size, order of columns, unit of time) is asked once, with the likely answer filled in, and can be changed under the information sign.",
      "B plays backwards, 3 shows the events in space and time, and R held over the picture draws a region. Export says what it will write before it writes.",
      "Set in and out with I and O and press the number of a class: the span becomes a clip. With a clip chosen, a number changes its class, Enter accepts it and goes to the next one without a class, Backspace removes it. Every edit can be undone.",
      "Speed says how time runs, window how much of it is in one picture. They are two different things; each shows what it does.",
    ],
  },
  {
    page: "train",
    title: "Train with transfer",
    text: [
      "Choose the data, where knowledge comes from and how much effort to spend. The control run trains the same network without transfer, so that the gain can be seen.",
      "A run is saved after every epoch, goes on when the window is closed and can be resumed.",
      "One run says little about a method: Seeds under Advanced, or Repeat on a finished run, trains the same recipe with other seeds. The list then shows mean and deviation.",
      "While it runs, the panel below shows what the method did: how much of the pictures has given way to events and with which probability, the coefficient w of each time step, and how alike pictures and clips have become in each layer (CKA).",
    ],
  },
  {
    page: "models",
    title: "Read a report",
    text: [
      "Accuracy is measured on clips the network has not seen, with the 95 % interval that so few clips leave open (Wilson). Trainings of one recipe with several seeds are put together: mean, deviation and the interval of the mean. Choose a cell of the confusion matrix to see its clips.",
      "Accuracy against time seen says how early an answer can be trusted. Energy per decision is an estimate with published constants for hardware that computes only where there are spikes; beside it stands the same network computed in full.",
      "The map of pictures against clips shows in which layers the two have become alike: 1 alike, 0 unrelated. Every figure can be read as a table: its button appears with the pointer or the keyboard.",
    ],
  },
  {
    page: "live",
    title: "Show it live",
    text: [
      "The thick bar is the smoothed value, the thin mark the last window. Below the threshold there is no decision, and that is said.",
    ],
  },
];
