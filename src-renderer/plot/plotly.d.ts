declare module "plotly.js/dist/plotly-cartesian.min.js" {
  /** The few functions of Plotly that we call. */
  export interface PlotlyApi {
    react(target: HTMLElement, data: readonly object[], layout: object, config: object): Promise<unknown>;
    purge(target: HTMLElement): void;
    toImage(target: HTMLElement, options: object): Promise<string>;
    Plots: { resize(target: HTMLElement): void };
  }
  const plotly: PlotlyApi;
  export default plotly;
}
